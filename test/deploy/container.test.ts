import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Stage {
  readonly from: string;
  /** Instruction and arguments, in order. */
  readonly steps: readonly (readonly [instruction: string, rest: string])[];
}

/** The stages of the Dockerfile; lines that end with a backslash go on. */
function stages(): readonly Stage[] {
  const lines = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const found: { from: string; steps: [string, string][] }[] = [];
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') found.push({ from: rest, steps: [] });
    else found.at(-1)?.steps.push([instruction, rest]);
  }
  return found;
}

describe('the image', () => {
  const all = stages();
  const [build, service] = all;
  const of = (instruction: string) =>
    (service?.steps ?? []).flatMap(([name, rest]) => (name === instruction ? [rest] : []));

  test('is built on one exact version of Node, in two stages', () => {
    expect(all).toHaveLength(2);
    for (const { from } of all) expect(from).toMatch(/^node:\d+\.\d+\.\d+-slim( AS build)?$/);
    expect(build?.from).toBe(`${service?.from} AS build`);
  });

  test('runs as an ordinary user, who owns the data and nothing else', () => {
    expect(of('USER')).toEqual(['node']);
    const instructions = (service?.steps ?? []).map(([name]) => name);
    // What comes after is that user's; what is copied before belongs to root.
    expect(instructions.slice(instructions.indexOf('USER') + 1)).not.toContain('COPY');
    expect(of('COPY').filter((copy) => copy.includes('--chown'))).toEqual([]);
    expect(
      of('RUN')
        .join('\n')
        .match(/chown \S+ \S+/g),
    ).toEqual(['chown node:node /data']);
    expect(of('VOLUME')).toEqual(['/data']);
  });

  test('has the packages of production alone, without any script of a package having run', () => {
    const runs = (build?.steps ?? []).flatMap(([name, rest]) => (name === 'RUN' ? [rest] : []));
    expect(runs).toEqual([
      'npm ci --ignore-scripts',
      'npm run build && npm prune --omit=dev --omit=optional',
    ]);
    expect(of('RUN').filter((run) => /npm|apt|curl/.test(run))).toEqual([]);
  });

  test('says by itself whether it is ready, and stops on SIGTERM as the process does', () => {
    expect(of('HEALTHCHECK').join()).toContain('/readyz');
    // In the form of a list there is no shell between Docker and the process.
    expect(JSON.parse(of('CMD').join())).toEqual(['node', 'dist/src/main.js']);
  });

  test('takes nothing of this folder that git or a run has left in it', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const folder of ['.git', '.podgate', 'node_modules', 'dist']) expect(ignored).toContain(folder);
  });

  test('holds no secret', () => {
    expect(read('Dockerfile')).not.toMatch(/^(ARG|ENV) .*(TOKEN|PASSWORD|SECRET|KEY|DATABASE_URL)/m);
  });
});

describe('the composition', () => {
  const { services, volumes } = parse(read('docker-compose.yml'));

  test('gives Podgate a file system that it can only read, and no rights beyond those of its user', () => {
    expect(services.podgate).toMatchObject({
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      volumes: ['podgate:/data'],
    });
    expect(services.podgate).not.toHaveProperty('privileged');
    expect(services.podgate).not.toHaveProperty('user');
    expect(Object.keys(volumes).sort()).toEqual(['podgate', 'postgres']);
  });

  test('publishes Podgate on the loopback address only, and the database nowhere', () => {
    expect(services.podgate.ports).toEqual(['127.0.0.1:8080:8080']);
    expect(services.postgres).not.toHaveProperty('ports');
  });

  test('names an exact PostgreSQL, and begins only with secrets that are given', () => {
    expect(services.postgres.image).toMatch(/^postgres:\d+\.\d+$/);
    expect(services.postgres.environment.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    expect(services.podgate.environment.PODGATE_ADMIN_TOKEN).toMatch(/^\$\{PODGATE_ADMIN_TOKEN:\?/);
  });
});
