import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { applyPatch } from '../../src/engine/index.js';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { decisionStats } from '../../src/operations/decisions/decision-stats.js';
import { getDecision } from '../../src/operations/decisions/get-decision.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { contextOf, policyYaml } from '../support/operation-context.js';
import { admissionPod, openWebhook, patchOf, podReview } from './webhook-app.js';

const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'podgate-instance-')));
let databaseUrl: string;
let instances: readonly Awaited<ReturnType<typeof openWebhook>>[];

beforeAll(async () => {
  databaseUrl = await createDatabase(inject('templateDatabase'));
  instances = await Promise.all(folders.map((folder) => openWebhook(databaseUrl, folder)));
  const context = contextOf(instance(0).services);
  await saveCluster(context, { name: 'prod' });
  const fields = 'runAsUser: { rule: MustRunAs, ranges: [{ min: 5, max: 5 }] }';
  await savePolicy(context, { name: 'filling', text: policyYaml('filling', fields), format: 'yaml' });
  const terms = { pinnedVersion: null, subjects: null, namespaces: null };
  await assignPolicy(context, { cluster: 'prod', policy: 'filling', ...terms });
});

afterAll(async () => {
  for (const each of instances) await each.close();
  await dropDatabase(databaseUrl);
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function instance(number: number) {
  const found = instances[number];
  if (found === undefined) throw new Error('there are two');
  return found;
}

/** Asks one of them and gives the pod as it is then and the decision. */
async function ask(number: number, phase: 'mutate' | 'validate', pod: object) {
  const answer = await instance(number).post(`/admission/prod/${phase}`, podReview(pod));
  expect(answer.body.response.allowed).toBe(true);
  const after = JSON.parse(JSON.stringify(applyPatch(pod, patchOf(answer))));
  const id: string = answer.body.response.auditAnnotations.decision;
  const { admission } = await getDecision(contextOf(instance(0).services), id);
  return { id, after, mutateDecisionId: admission?.mutateDecisionId ?? null };
}

test('each creation is tied once, whichever instance mutates and validates it, and counts once', async () => {
  // As a ReplicaSet makes them: nothing tells them apart.
  const pod = admissionPod({}, { name: undefined, generateName: 'web-' });
  const mutated = await Promise.all([0, 0, 0, 1, 1].map((number) => ask(number, 'mutate', pod)));
  const validated = await Promise.all(
    mutated.map(({ after }, index) => {
      const named = { ...after, metadata: { ...after.metadata, name: `web-${index}` } };
      return ask((index + 1) % 2, 'validate', named);
    }),
  );
  expect(new Set(validated.map(({ mutateDecisionId }) => mutateDecisionId))).toEqual(
    new Set(mutated.map(({ id }) => id)),
  );
  const [since, until] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
  const stats = await decisionStats(contextOf(instance(0).services), {
    cluster: 'prod',
    since,
    until,
    interval: 'HOUR',
  });
  expect(stats.intervals.reduce((sum, { admitted }) => sum + admitted, 0)).toBe(5);
});

test('a tie that the other instance has taken is not used again by the one that made it', async () => {
  const pod = admissionPod({}, { name: undefined, generateName: 'twin-' });
  const [first, second] = [await ask(0, 'mutate', pod), await ask(0, 'mutate', pod)];
  const named = (name: string) => ({ ...first.after, metadata: { ...first.after.metadata, name } });
  expect((await ask(1, 'validate', named('twin-1'))).mutateDecisionId).toBe(first.id);
  expect((await ask(0, 'validate', named('twin-2'))).mutateDecisionId).toBe(second.id);
  expect((await ask(0, 'validate', named('twin-3'))).mutateDecisionId).toBe(null);
});

test('a repeated mutation points to the first one at the other instance', async () => {
  const first = await ask(0, 'mutate', admissionPod({}, { labels: { again: 'yes' } }));
  expect((await ask(1, 'mutate', first.after)).mutateDecisionId).toBe(first.id);
});

test('a mutation of long ago is not found', async () => {
  const first = await ask(0, 'mutate', admissionPod({}, { labels: { late: 'yes' } }));
  await instance(0).services.database.pool.query(
    `UPDATE admission_ties SET noted_at = noted_at - interval '31 seconds'`,
  );
  expect((await ask(1, 'validate', first.after)).mutateDecisionId).toBe(null);
});
