import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, type Client, pod, policy, testApp } from '../../rest/app.js';
import { policyYaml } from '../../support/operation-context.js';
import { call, folderWith } from '../call.js';
import { bindingYaml, roleYaml } from './rbac-of.js';

let server: Server;
let admin: Client;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  const app = await testApp();
  admin = app.admin;
  server = createServer(app.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a host and a port has an address with a port.
  const { port } = server.address() as AddressInfo;
  environment = {
    PODGATE_SERVER: `http://127.0.0.1:${port}`,
    PODGATE_TOKEN: ADMIN_TOKEN,
    PODGATE_CLUSTER: 'old',
  };
});

afterAll(() => server.close());

const use = (name: string) =>
  `{verbs: [use], apiGroups: [policy], resources: [podsecuritypolicies], resourceNames: [${name}]}`;

/** As clusters are: a strict policy for all, an open one for the system's namespace, all of it for administrators. */
const DUMP = [
  policyYaml('restricted'),
  `---\n${policyYaml('privileged', 'hostNetwork: true')}`,
  `---\n${policyYaml('forgotten', 'hostPID: true')}`,
  roleYaml('cluster-admin', "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}"),
  bindingYaml(
    'cluster-admin',
    'kind: ClusterRole, name: cluster-admin',
    '{kind: Group, name: system:masters}',
  ),
  roleYaml('use-restricted', use('restricted')),
  bindingYaml(
    'everybody',
    'kind: ClusterRole, name: use-restricted',
    '{kind: Group, name: system:serviceaccounts}',
    '{kind: Group, name: system:authenticated}',
  ),
  roleYaml('use-privileged', use('privileged')),
  bindingYaml(
    'kube-system/system',
    'kind: ClusterRole, name: use-privileged',
    '{kind: Group, name: "system:serviceaccounts:kube-system"}',
  ),
].join('');

async function evaluate(query: Readonly<Record<string, string>>) {
  const { body } = await admin
    .post('/v1/clusters/old/evaluate')
    .query({ dryRun: 'true', ...query })
    .send(pod('net', { hostNetwork: true }));
  return [body.results[0].code, body.results[0].policy?.name ?? null];
}

describe('podgate import', () => {
  it('tells on a dry run, without a server, what it will do', async () => {
    const directory = await folderWith({ 'dump.yaml': DUMP });
    const { code, out } = await call(['import', 'dump.yaml', '--dry-run'], { directory });
    expect(code).toBe(0);
    expect(out).toBe(`policy forgotten, from dump.yaml
  may be used everywhere by
    Group system:masters
policy privileged, from dump.yaml
  may be used in kube-system by
    Group system:serviceaccounts:kube-system
policy restricted, from dump.yaml
  may be used everywhere by
    Group system:authenticated
    Group system:serviceaccounts
This decides as the cluster did.
`);
  });

  it('makes a cluster that decides as the old one did', async () => {
    const directory = await folderWith({ 'dump.yaml': DUMP });
    const dry = await call(['import', 'dump.yaml', '--dry-run'], { directory, environment });
    expect(dry.out).toContain('cluster old: new\n');
    expect((await admin.get('/v1/clusters/old')).status).toBe(404);
    const { code, out, err } = await call(['import', 'dump.yaml'], { directory, environment });
    expect([code, err]).toEqual([0, '3 policies are in force in old\n']);
    expect(out).toContain('cluster old: new\n');
    expect(await evaluate({ namespace: 'kube-system' })).toEqual(['ADMITTED', 'privileged']);
    expect(await evaluate({ namespace: 'shop' })).toEqual(['NO_POLICY_SATISFIED', null]);
    expect(await evaluate({ namespace: 'shop', user: 'ann' })).toEqual(['NO_POLICY_SATISFIED', null]);
    expect(await evaluate({ namespace: 'shop', user: 'root', group: 'system:masters' })).toEqual([
      'ADMITTED',
      'privileged',
    ]);
  });

  it('changes nothing when it is done again, and ends what is not in the files on request', async () => {
    const directory = await folderWith({ 'dump.yaml': DUMP });
    await admin.put('/v1/policies/extra').send(policy('extra'));
    await admin.put('/v1/clusters/old/assignments/extra').send({});
    const again = await call(['import', 'dump.yaml'], { directory, environment });
    expect(again.out).not.toContain('saved as');
    expect(again.out).not.toContain('cluster old');
    expect(again.out).toContain('extra: not in the files, still assigned');
    const pruned = await call(['import', 'dump.yaml', '--prune'], { directory, environment });
    expect(pruned.out).toContain('extra: not in the files, no longer assigned');
    const { body } = await admin.get('/v1/clusters/old/assignments');
    expect(body.assignments.map((each: { policy: string }) => each.policy)).toEqual([
      'forgotten',
      'privileged',
      'restricted',
    ]);
  });

  it('does not change a policy that other clusters may use unless told to', async () => {
    await admin.put('/v1/policies/shared').send(policy('shared', { hostIPC: true }));
    const directory = await folderWith({ 'dump.yaml': policyYaml('shared') });
    const refused = await call(['import', 'dump.yaml'], { directory, environment });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('--update changes them for all clusters\n  shared\n');
    const updated = await call(['import', 'dump.yaml', '--update'], { directory, environment });
    expect(updated.err).toBe('1 policy is in force in old\n');
    expect(updated.out).toContain('shared: v1 → dump.yaml  TIGHTENED: admits fewer pods');
    expect(updated.out).toContain('shared: saved as v2');
  });

  it('says what an assignment can not express, and does nothing where it must be exact', async () => {
    const inexact = [
      policyYaml('p'),
      roleYaml('use-p', use('p')),
      bindingYaml('dev/x', 'kind: ClusterRole, name: use-p', '{kind: User, name: ann}'),
      bindingYaml('ops/x', 'kind: ClusterRole, name: use-p', '{kind: User, name: bob}'),
      bindingYaml('ops/z', 'kind: Role, name: gone', '{kind: User, name: bob}'),
    ].join('');
    const directory = await folderWith({ 'a.yaml': inexact });
    const narrow = await call(['import', 'a.yaml', '--dry-run', '--exact'], { directory });
    expect(narrow.code).toBe(1);
    expect(narrow.out).toBe(`policy p, from a.yaml
  may be used in dev by
    User ann
  can NOT be expressed, and is left out:
    User bob in ops
RoleBinding ops/z: Role gone is not in the files, so it grants nothing
This does NOT decide in everything as the cluster did: see what can not be expressed.
`);
    const wide = await call(['import', 'a.yaml', '--dry-run', '--widen'], { directory });
    expect(wide.code).toBe(0);
    expect(wide.out).toContain(`  may be used in dev, ops by
    User ann
    User bob
  can NOT be expressed, and is granted in addition:
    User ann in ops
    User bob in dev
`);
  });

  it.each([
    ['no file', [], 'which files?'],
    ['files without policies', ['rbac.yaml', '--dry-run'], 'there is no PodSecurityPolicy in the files'],
    [
      'a file that is not there',
      ['missing.yaml', '--dry-run'],
      'missing.yaml: there is no such file or folder',
    ],
  ])('refuses %s', async (_what, argv, said) => {
    const directory = await folderWith({ 'rbac.yaml': roleYaml('r', use('p')) });
    const { code, err } = await call(['import', ...argv], { directory });
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('reads policies and roles from several files and standard input', async () => {
    const directory = await folderWith({ 'rbac.yaml': roleYaml('use-p', use('p')) });
    const input = `${policyYaml('p')}${bindingYaml('x', 'kind: ClusterRole, name: use-p', '{kind: User, name: ann}')}`;
    const { out } = await call(['import', '-', 'rbac.yaml', '--dry-run'], { directory, input });
    expect(out).toContain('may be used everywhere by\n    User ann\n');
  });
});
