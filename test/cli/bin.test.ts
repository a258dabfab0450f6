import { execFile, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

// What `npm run build` makes; `npm test` has just made it.
const bin = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
const demo = resolve(import.meta.dirname, '../../demo');
const OFFLINE = ['--policies', `${demo}/policies`];

const podgate = (argv: readonly string[], input = '', environment = {}) =>
  spawnSync(bin, argv, {
    input,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  });

describe('the podgate command, as it is installed', () => {
  it('can be run by its name alone', () => {
    expect(() => accessSync(bin, constants.X_OK)).not.toThrow();
    expect(podgate(['--help'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('ends with the code of the verdict', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c}]}\n';
    const codes = [pod, pod.replace('{containers', '{hostNetwork: true, containers'), ': :'].map(
      (input) => podgate(['evaluate', '-', ...OFFLINE], input).status,
    );
    expect(codes).toEqual([0, 1, 2]);
    const unreachable = ['--server', 'http://127.0.0.1:1', '--token', 'x', '--cluster', 'c'];
    expect(podgate(['evaluate', '-', ...unreachable], pod).status).toBe(3);
  });

  it('has no colours and no progress where nobody watches', () => {
    const { stdout, stderr } = podgate(['evaluate', `${demo}/pods.yaml`, ...OFFLINE]);
    expect(stdout).toContain('denied');
    expect(`${stdout}${stderr}`).not.toMatch(/\p{Cc}\[/u);
  });

  it('shows the demo on a server of its own, whichever others are set', { timeout: 60_000 }, () => {
    const { status, stdout, stderr } = podgate(['demo'], '', {
      PODGATE_SERVER: 'http://127.0.0.1:1',
      PODGATE_TOKEN: 'x',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('denied');
    expect(podgate(['demo', '--server', 'http://127.0.0.1:1', '--token', 'x']).status).toBe(3);
  });

  it('tells a folder that can not be made in one line', () => {
    const { status, stderr } = podgate(['certificate', '--host', 'a', '--out', '/dev/null/x']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^podgate: E[A-Z]+: .*'\/dev\/null\/x'\n$/);
  });

  it('replaces no certificate, key or authority that is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'podgate-certificate-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'tls.key'), 'mine');
    const make = () => podgate(['certificate', '--host', 'a', '--out', folder]);
    expect(make()).toMatchObject({ status: 2, stderr: expect.stringContaining('tls.key is there already') });
    expect(await readdir(folder)).toEqual(['tls.key']);
    await rm(join(folder, 'tls.key'));
    expect(make().status).toBe(0);
    const made = await readdir(folder);
    expect(made).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect((await stat(join(folder, 'tls.key'))).mode & 0o777).toBe(0o600);
    const contents = () => Promise.all(made.map((name) => readFile(join(folder, name), 'utf8')));
    const before = await contents();
    expect(make().status).toBe(2);
    expect(await contents()).toEqual(before);
  });

  it('reads no more of standard input than a manifest can have', async () => {
    const child = spawn(bin, ['evaluate', '-', ...OFFLINE], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => undefined); // it is closed before all is written
    const megabyte = Buffer.alloc(1024 * 1024, '#');
    for (let written = 0; written < 200; written += 1) child.stdin.write(megabyte);
    child.stdin.end();
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    const code = await new Promise((done) => child.on('close', done));
    expect(code).toBe(2);
    expect(out).toContain('larger than 50 MiB');
  });

  it('is content with a reader that stops early', async () => {
    const command = `"${bin}" evaluate "${demo}/pods.yaml" --policies "${demo}/policies" -o json | head -c 10`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
    expect([stdout.length, stderr]).toEqual([10, '']);
  });
});
