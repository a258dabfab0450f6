import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, pod, policy, testApp } from '../rest/app.js';
import { givenFilteredDecisions } from '../support/filtered-decisions.js';
import { contextOf, policyYaml } from '../support/operation-context.js';
import { call, folderWith } from './call.js';

let server: Server;
let environment: Readonly<Record<string, string>>;
let admin: Awaited<ReturnType<typeof testApp>>['admin'];
let services: Awaited<ReturnType<typeof testApp>>['services'];

beforeAll(async () => {
  const app = await testApp();
  ({ admin, services } = app);
  server = createServer(app.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a host and a port has an address with a port.
  const { port } = server.address() as AddressInfo;
  environment = { PODGATE_SERVER: `http://127.0.0.1:${port}`, PODGATE_TOKEN: ADMIN_TOKEN };
  await admin.put('/v1/clusters/prod').send({});
  await admin.put('/v1/policies/open').send(policy('open'));
  await admin.put('/v1/clusters/prod/assignments/open').send({});
});

afterAll(() => server.close());

const GOOD = JSON.stringify(pod('good'));
const BAD = JSON.stringify(pod('bad', { hostNetwork: true }));
const inProd = () => ({ ...environment, PODGATE_CLUSTER: 'prod' });

async function evaluate(files: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  const directory = await folderWith(files);
  return call(['evaluate', '.', ...argv], { directory, environment: inProd() });
}

describe('podgate evaluate with a server', () => {
  it('asks with the policies in force and records the decisions', async () => {
    const { code, out } = await evaluate({ 'a.json': GOOD, 'b.json': BAD }, '-o', 'json', '-n', 'shop');
    expect(code).toBe(1);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ allowed: false, cluster: 'prod', summary: { admitted: 1, denied: 1 } });
    const [good] = report.results;
    expect(good.policy).toEqual({ name: 'open', version: 1 });
    const { body } = await admin.get(`/v1/decisions/${good.decisionId}`);
    expect(body).toMatchObject({
      cluster: 'prod',
      source: 'CLI',
      object: { namespace: 'shop', name: 'good' },
    });
  });

  it('decides as offline with the same policy, in every format', async () => {
    const files = { 'd/a.json': GOOD, 'd/b.json': BAD, 'p/open.json': JSON.stringify(policy('open')) };
    const directory = await folderWith(files);
    for (const format of ['sarif', 'junit', 'github', 'text', 'json']) {
      const online = await call(['evaluate', 'd', '-o', format], { directory, environment: inProd() });
      const offline = await call(['evaluate', 'd', '-o', format, '--policies', 'p'], { directory });
      const plain = (text: string) =>
        text
          .replaceAll(/open v1/g, 'open')
          .replaceAll(/"(decisionId|policyVersion|version|cluster)": ?("[^"]*"|null|1)/g, '')
          .replaceAll(/sha256:[0-9a-f]+/g, '');
      expect([online.code, online.err]).toEqual([offline.code, offline.err]);
      if (format !== 'json') expect(plain(online.out)).toBe(plain(offline.out));
    }
  });

  it('records nothing on a dry run', async () => {
    const { out } = await evaluate({ 'a.json': GOOD }, '--dry-run', '-o', 'json');
    expect(JSON.parse(out).results[0].decisionId).toBeNull();
  });

  it.each([
    ['a token that is not valid', { PODGATE_TOKEN: 'x'.repeat(40) }, 'The token is not valid (401)'],
    ['a cluster that there is not', { PODGATE_CLUSTER: 'nix' }, 'Cluster "nix" was not found (404)'],
    ['a server that can not be reached', { PODGATE_SERVER: 'http://127.0.0.1:1' }, 'can not be reached'],
  ])('%s: ends with 3', async (_what, change, said) => {
    const directory = await folderWith({ 'a.json': GOOD });
    const { code, out, err } = await call(['evaluate', 'a.json'], {
      directory,
      environment: { ...inProd(), ...change },
    });
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain(said);
  });

  it('ends with 2 for a file that is too large for the server, and evaluates the others', async () => {
    const large = JSON.stringify(pod('large', { containers: [{ name: 'c', image: 'x'.repeat(300_000) }] }));
    const { code, out } = await evaluate({ 'a.json': GOOD, 'b.json': large });
    expect(code).toBe(2);
    expect(out).toMatch(/b\.json\n {2}not evaluated {2}.*\(413\)/);
    expect(out).toContain('1 admitted');
  });
});

describe('podgate evaluate with a connection that is cut', () => {
  it('says which file, ends with 2, and evaluates the others', async () => {
    const target = new URL(environment['PODGATE_SERVER'] ?? '');
    const proxy = createServer((incoming, outgoing) => {
      if (incoming.url?.includes('file=b.json')) incoming.socket.destroy();
      else {
        const { method, url, headers } = incoming;
        const forwarded = request({ host: target.hostname, port: target.port, method, path: url, headers });
        forwarded.on('response', (answer) => {
          outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(outgoing);
        });
        incoming.pipe(forwarded);
      }
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    // As above: it listens on a host and a port.
    const { port } = proxy.address() as AddressInfo;
    const directory = await folderWith({ 'a.json': GOOD, 'b.json': GOOD, 'c.json': GOOD });
    const { code, out } = await call(['evaluate', '.'], {
      directory,
      environment: { ...inProd(), PODGATE_SERVER: `http://127.0.0.1:${port}` },
    });
    proxy.close();
    expect(code).toBe(2);
    expect(out).toMatch(/b\.json\n {2}not evaluated {2}.*the connection was cut/);
    expect(out).toContain('2 admitted, 0 denied, 0 skipped, 1 not readable');
  });
});

describe('podgate audit verify', () => {
  it('says whether the log is whole', async () => {
    await evaluate({ 'a.json': GOOD });
    const { code, out } = await call(['audit', 'verify'], { environment: inProd() });
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+ decisions of prod checked: the chain is whole\n$/);
  });
});

describe('podgate policies', () => {
  it('push tells what changes, saves it once, and archives what is gone on request', async () => {
    const directory = await folderWith({
      'p/x.yaml': policyYaml('pushed'),
      'p/open.json': JSON.stringify(policy('open')),
    });
    const push = (...argv: string[]) => call(['policies', 'push', 'p', ...argv], { directory, environment });
    expect((await push('--dry-run')).out).toContain('pushed: new, from p/x.yaml');
    expect((await admin.get('/v1/policies/pushed')).status).toBe(404);
    expect((await push('--message', 'Because')).out).toContain('pushed: saved as v1');
    expect((await admin.get('/v1/policies/pushed/versions/1')).body.message).toBe('Because');
    expect((await push()).err).toBe('0 saved, 0 archived, 2 as they were\n');
    await writeFile(join(directory, 'p/x.yaml'), policyYaml('pushed', 'hostPID: true'));
    const changed = await push('--dry-run');
    expect(changed.out).toContain('pushed: v1 → p/x.yaml  LOOSENED: admits more pods');
    expect(changed.out).toContain('LOOSENS  spec.hostPID  (absent)  true');
    expect((await push()).out).toContain('pushed: saved as v2');
    await writeFile(join(directory, 'p/x.yaml'), policyYaml('other'));
    expect((await push('--prune')).err).toBe('1 saved, 1 archived, 1 as they were\n');
    expect((await admin.get('/v1/policies/pushed')).body.archivedAt).not.toBeNull();
  });

  it('pull writes what differs and leaves the rest alone', async () => {
    const directory = await folderWith({ 'p/mine.yaml': `# my comment\n${policyYaml('kept')}` });
    await call(['policies', 'push', 'p'], { directory, environment });
    const pull = (...argv: string[]) => call(['policies', 'pull', 'p', ...argv], { directory, environment });
    expect((await pull('--dry-run')).out).not.toContain('kept');
    expect((await pull()).out).toContain('p/open.yaml: open v1');
    expect(await readFile(join(directory, 'p/mine.yaml'), 'utf8')).toContain('# my comment');
    expect((await pull()).out).toBe('');
    await admin.put('/v1/policies/kept').send(policy('kept', { hostIPC: true }));
    expect((await pull()).out).toBe('p/mine.yaml: kept v2\n');
    expect(await readFile(join(directory, 'p/mine.yaml'), 'utf8')).toContain('hostIPC: true');
  });
});

describe('podgate decisions', () => {
  it('shows the newest last, filtered', async () => {
    await evaluate({ 'a.json': GOOD, 'b.json': BAD });
    const { out } = await call(['decisions', '--denied', '--limit', '1', '--since', '1h'], {
      environment: inProd(),
    });
    const [heading, line, ...rest] = out.trimEnd().split('\n');
    expect(heading).toMatch(/^TIME +VERDICT +OBJECT +POLICY +REASON$/);
    expect(line).toMatch(/ denied +Pod default\/bad /);
    expect(rest).toEqual([]);
  });

  it('shows what would have been denied if the mode were ENFORCE', async () => {
    await givenFilteredDecisions(contextOf(services));
    const { out } = await call(['decisions', '--would-deny', '--source', 'WEBHOOK', '--json'], {
      environment: { ...environment, PODGATE_CLUSTER: 'filtered' },
    });
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).object.name)).toEqual(['warned', 'audited']);
  });

  it('counts what would have been denied, by day and namespace', async () => {
    const filtered = { environment: { ...environment, PODGATE_CLUSTER: 'filtered' } };
    const day = ['stats', '--since', '2026-01-01T00:00:00Z', '--until', '2026-01-02T00:00:00Z'];
    const { code, out } = await call(day, filtered);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^FROM +ADMITTED +DENIED +WOULD DENY\n2026-01-01T00:00:00.000Z +1 +4 +2\nin all +1 +4 +2\n/,
    );
    expect(out).toMatch(/\nWOULD DENY IN +PODS\nteam-a +2\n\nWOULD DENY BY CONTROL +PODS\nhostNetwork +1\n/);
    expect(out).toMatch(/\nteam-a Pod audited +1\nteam-a Pod warned +1\n$/);
    const json = await call([...day, '--would-deny-in', 'default', '--json'], filtered);
    expect(JSON.parse(json.out)).toMatchObject({ denied: 4, wouldDeny: { denied: 0, namespaces: [] } });
    const refused = await call(['stats', '--since', 'yesterday'], filtered);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--since must be a time')]);
  });

  it('gives whole decisions as JSON, a line each, in the order of the log', async () => {
    const { out } = await call(['decisions', '--json', '--limit', '150'], { environment: inProd() });
    const numbers = out
      .trimEnd()
      .split('\n')
      .map((line) => Number(JSON.parse(line).sequence));
    expect(numbers.length).toBeGreaterThan(2);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it.each([
    ['--since', 'yesterday', '--since must be a time'],
    ['--limit', 'many', '--limit must be a whole number'],
    ['--limit', '0', '--limit must be a whole number from 1 to 999999'],
    ['--limit', '1000000', '--limit must be a whole number from 1 to 999999'],
  ])('refuses %s %s', async (option, value, said) => {
    const { code, err } = await call(['decisions', option, value], { environment: inProd() });
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe('podgate token and cluster', () => {
  it('makes, lists and revokes tokens; standard output holds the token alone', async () => {
    const made = await call(['token', 'create', 'ci', '--role', 'EVALUATOR', '--for-cluster', 'prod'], {
      environment,
    });
    expect(made.out).toMatch(/^podgate_\S+\n$/);
    const id = /the id (\S+)/.exec(made.err)?.[1] ?? '';
    const token = made.out.trim();
    const clusters = await call(['cluster', 'list'], {
      environment: { ...environment, PODGATE_TOKEN: token },
    });
    expect(clusters.out).toMatch(/^NAME .*\nprod /);
    expect((await call(['token', 'list'], { environment })).out).toMatch(/ ci +EVALUATOR +prod/);
    expect((await call(['token', 'revoke', id], { environment })).code).toBe(0);
    const refused = await call(['cluster', 'list'], {
      environment: { ...environment, PODGATE_TOKEN: token },
    });
    expect(refused.code).toBe(3);
  });

  it('saves a cluster and leaves what is not given as it is', async () => {
    const save = (...argv: string[]) => call(['cluster', 'save', 'new', ...argv], { environment });
    await save('--display-name', 'New one');
    await save('--kubernetes-version', '1.24');
    const modes = ['--namespace-mode', 'team-a=ENFORCE', '--namespace-mode', 'sandbox-*=AUDIT'];
    await save('--mode', 'WARN', ...modes, '--on-unavailable', 'ALLOW', '--retention', '30');
    await save('--mutate-always', 'true');
    const { body } = await admin.get('/v1/clusters/new');
    expect(body).toMatchObject({
      displayName: 'New one',
      kubernetesVersion: '1.24',
      mode: 'WARN',
      namespaceModes: [
        { namespace: 'team-a', mode: 'ENFORCE' },
        { namespace: 'sandbox-*', mode: 'AUDIT' },
      ],
      mutateAlways: true,
      onUnavailable: 'ALLOW',
      retention: 30,
    });
    await save('--retention', 'none');
    expect((await admin.get('/v1/clusters/new')).body).toMatchObject({ retention: null, mode: 'WARN' });
    expect((await call(['cluster', 'list'], { environment })).out).toMatch(/\nnew +New one +1\.24 +WARN /);
  });

  it.each([
    ['--namespace-mode', 'team-a', '--namespace-mode must be a namespace and'],
    ['--namespace-mode', 'team-a=OFF', '--namespace-mode must be a namespace and'],
    ['--mode', 'OFF', '--mode must be'],
    ['--retention', 'long', '--retention must be a number of days'],
  ])('refuses %s %s', async (option, value, said) => {
    const { code, err } = await call(['cluster', 'save', 'new', option, value], { environment });
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe('podgate webhook-secret', () => {
  const run = (...argv: string[]) => call(['webhook-secret', ...argv], { environment: inProd() });

  it('makes, lists and revokes secrets of a cluster; standard output holds the secret alone', async () => {
    const made = await run('create');
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^podgate_\S+\n$/)]);
    const id = /the id (\S+)/.exec(made.err)?.[1] ?? '';
    const listed = await run('list');
    expect(listed.out).toMatch(new RegExp(`^ID +CREATED BY +CREATED +REVOKED\n${id} +admin +\\S+Z *\n$`));
    expect(listed.out).not.toContain(made.out.trim());
    const revoked = await run('revoke', id);
    expect(revoked).toEqual({ code: 0, out: '', err: `webhook secret ${id} is revoked\n` });
    const { out } = await run('list', '--json');
    expect(JSON.parse(out)).toMatchObject({ id, revokedAt: expect.stringMatching(/Z$/) });
  });

  it.each([
    [
      'a secret that is revoked already or that there is not',
      ['revoke', 'x'],
      3,
      'Webhook secret "x" was not found',
    ],
    ['a cluster that there is not', ['create', '--cluster', 'nix'], 3, 'Cluster "nix" was not found'],
    ['no secret', ['revoke'], 2, 'podgate webhook-secret list shows them'],
    ['a cluster without its option', ['create', 'prod'], 2, '"prod" is too much here'],
  ])('refuses %s', async (_what, argv, expected, said) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toContain(said);
  });

  it('needs a cluster', async () => {
    const { code, err } = await call(['webhook-secret', 'list'], { environment });
    expect([code, err]).toEqual([2, expect.stringContaining('which cluster?')]);
  });
});
