import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AdmissionMode } from '../../src/model/admission.js';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { listChanges } from '../../src/operations/changes/list-changes.js';
import { getPolicySet } from '../../src/operations/clusters/get-policy-set.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { listDecisions } from '../../src/operations/decisions/list-decisions.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { policyYaml } from '../support/operation-context.js';
import { admissionPod, patchOf, podReview, webhookApp } from './webhook-app.js';

let app: Awaited<ReturnType<typeof webhookApp>>;

beforeAll(async () => {
  app = await webhookApp();
  const fields = 'runAsUser: { rule: MustRunAs, ranges: [{ min: 5, max: 5 }] }';
  await savePolicy(app.context, {
    name: 'restricted',
    text: policyYaml('restricted', fields),
    format: 'yaml',
  });
  await saveCluster(app.context, {
    name: 'prod',
    namespaceModes: [
      { namespace: 'warned', mode: 'WARN' },
      { namespace: 'audited-*', mode: 'AUDIT' },
    ],
  });
  const terms = { pinnedVersion: null, subjects: null, namespaces: null };
  await assignPolicy(app.context, { cluster: 'prod', policy: 'restricted', ...terms });
});

async function answerIn(namespace: string, phase: string, spec: object, request: object = {}) {
  const answer = await app.post(
    `/admission/prod/${phase}`,
    podReview(admissionPod({ ...spec }), { namespace, ...request }),
  );
  const filter = { namespace };
  const page = await listDecisions(app.context, {
    cluster: 'prod',
    filter,
    order: 'newest',
    first: 1,
    after: null,
  });
  return { answer, response: answer.body.response, recorded: page.edges[0]?.node };
}

const DENIED = { hostNetwork: true };

describe.each<[string, AdmissionMode]>([
  ['warned', 'WARN'],
  ['audited-1', 'AUDIT'],
])('in namespace %s, in mode %s', (namespace, mode) => {
  test.each(['mutate', 'validate'])('%s lets a denied pod through and records the denial', async (phase) => {
    const { response, recorded } = await answerIn(namespace, phase, DENIED);
    expect(response.allowed).toBe(true);
    expect(recorded).toMatchObject({ allowed: false, admission: { mode } });
    expect(response.warnings ?? []).toEqual(
      mode === 'AUDIT'
        ? []
        : [expect.stringMatching(/^this would be refused in mode ENFORCE: pods "web" is forbidden/)],
    );
  });

  test('a pod is left as it is, and its validation does not blame it for what it lacks', async () => {
    expect(patchOf((await answerIn(namespace, 'mutate', {})).answer)).toEqual([]);
    expect((await answerIn(namespace, 'validate', {})).recorded).toMatchObject({ allowed: true, patch: [] });
    const update = { operation: 'UPDATE', oldObject: admissionPod({}, { labels: { a: 'b' } }) };
    expect((await answerIn(namespace, 'validate', {}, update)).recorded).toMatchObject({
      allowed: true,
      operation: 'UPDATE',
    });
  });
});

test('a change of mode counts from the next request on, and the past keeps its own', async () => {
  const filter = { namespace: 'team-b', allowed: false, mode: 'AUDIT' } as const;
  await saveCluster(app.context, { name: 'prod', mode: 'AUDIT' });
  expect((await answerIn('team-b', 'mutate', DENIED)).response.allowed).toBe(true);
  await saveCluster(app.context, { name: 'prod', mode: 'ENFORCE' });
  expect((await answerIn('team-b', 'mutate', DENIED)).response.allowed).toBe(false);
  const page = { cluster: 'prod', order: 'newest', first: 10, after: null } as const;
  expect((await listDecisions(app.context, { ...page, filter })).edges).toHaveLength(1);
});

test('what would be denied if a namespace went to ENFORCE is asked of what was recorded, each creation once', async () => {
  const denied = async () => {
    const filter = { namespace: 'warned', wouldDeny: true, since } as const;
    const asked = { cluster: 'prod', filter, order: 'oldest', first: 100, after: null } as const;
    return (await listDecisions(app.context, asked)).edges.map(({ node }) => node.object.name);
  };
  const since = new Date();
  for (const [name, spec] of [
    ['bad', DENIED],
    ['good', { securityContext: { runAsUser: 5 } }],
  ] as const) {
    for (const phase of ['mutate', 'validate']) {
      const pod = admissionPod(spec, { name, namespace: 'warned' });
      const { body } = await app.post(
        `/admission/prod/${phase}`,
        podReview(pod, { namespace: 'warned', name }),
      );
      expect(body.response.allowed).toBe(true);
    }
  }
  expect(await denied()).toEqual(['bad']);
  await saveCluster(app.context, {
    name: 'prod',
    namespaceModes: [{ namespace: 'warned', mode: 'ENFORCE' }],
  });
  expect((await answerIn('warned', 'mutate', DENIED)).response.allowed).toBe(false);
  expect(await denied()).toEqual(['bad']);
});

test('a change of mode is recorded with what was before, and the modes of an earlier moment stay known', async () => {
  await saveCluster(app.context, { name: 'changed' });
  const { at: before } = await getPolicySet(app.context, { cluster: 'changed' });
  await sleep(5);
  const namespaceModes = [{ namespace: 'team-*', mode: 'AUDIT' }] as const;
  await saveCluster(app.context, { name: 'changed', mode: 'WARN', namespaceModes });
  const asked = { cluster: 'changed', policy: null, first: 1, after: null };
  const { edges } = await listChanges(app.context, asked);
  expect(edges[0]?.node).toMatchObject({
    action: 'CLUSTER_UPDATED',
    actor: 'admin',
    details: {
      before: { mode: 'ENFORCE', namespaceModes: [] },
      after: { mode: 'WARN', namespaceModes },
    },
  });
  const modesAt = async (at: Date | null) =>
    (await getPolicySet(app.context, { cluster: 'changed', at })).admission;
  expect(await modesAt(before)).toMatchObject({ mode: 'ENFORCE', namespaceModes: [] });
  expect(await modesAt(null)).toMatchObject({ mode: 'WARN', namespaceModes });
  expect(await modesAt(new Date('2020-01-01T00:00:00Z'))).toBeNull();
});

test('mutateAlways fills in whatever the mode is', async () => {
  const namespaceModes = [{ namespace: 'warned', mode: 'WARN' }] as const;
  await saveCluster(app.context, { name: 'prod', mutateAlways: true, namespaceModes });
  expect(patchOf((await answerIn('warned', 'mutate', {})).answer)).toHaveLength(2);
  expect((await answerIn('warned', 'validate', {})).recorded).toMatchObject({ allowed: false });
});
