import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { addServiceAccountVolume, type CompiledPolicy, compareBytes } from '../../../src/engine/index.js';
import type { Decision } from '../../../src/model/decision.js';
import type { PolicySetMember } from '../../../src/model/policy-set.js';
import type { Services } from '../../../src/operations/context.js';
import { compileClusterSet, compileStored } from '../../../src/operations/evaluation/compiled-set.js';
import { judgePod } from '../../../src/operations/evaluation/evaluate-pod.js';
import { readObjects } from '../../../src/operations/evaluation/read-objects.js';
import { exportDecisions } from '../../../src/operations/decisions/export-decisions.js';
import { findPodContent } from '../../../src/storage/pod-specs.js';
import { findPolicyByName, findPolicyVersion } from '../../../src/storage/policies.js';
import { readPolicySet } from '../../../src/storage/policy-sets.js';
import { readOnly } from '../../../src/storage/transaction.js';
import { parseJson, readLines, writeJson } from '../../conformance/json-lines.js';
import { testApp } from '../../rest/app.js';
import { contextOf } from '../../support/operation-context.js';

/** Decisions to be replayed, at least. */
const WANTED = 1_000;
/** Cases whose pods meet in one cluster, and of how many of them the policies do. */
const CASES_TOGETHER = 90;
const CASES_WITH_POLICIES = 9;

const VECTORS = join(import.meta.dirname, '../../conformance/vectors');

interface Case {
  readonly id: string;
  readonly policies?: readonly { readonly metadata: { readonly name: string } }[];
  readonly pod: { readonly metadata?: object; readonly spec?: object };
  readonly namespace?: string;
  readonly user?: { readonly name?: string };
}

let services: Services;
const clusters: string[] = [];

beforeAll(async () => {
  const { admin, services: composed } = await testApp();
  services = composed;
  const send = (call: ReturnType<typeof admin.put>, body: unknown) =>
    call.set('content-type', 'application/json').send(writeJson(body));

  async function savePolicies(cluster: string, cases: readonly Case[]): Promise<string[]> {
    const names: string[] = [];
    for (const { id, policies = [] } of cases) {
      for (const [index, policy] of policies.entries()) {
        const name = `${id}-${index}`;
        const manifest = { ...policy, metadata: { ...policy.metadata, name } };
        // Some are none: the vectors have those too.
        const { status } = await send(admin.put(`/v1/policies/${name}`), manifest);
        if (status >= 400) continue;
        const nobody = names.length % 5 === 4 ? { subjects: [{ kind: 'User', name: 'somebody-else' }] } : {};
        await admin.put(`/v1/clusters/${cluster}/assignments/${name}`).send(nobody);
        names.push(name);
      }
    }
    return names;
  }

  async function evaluate(cluster: string, { pod, namespace, user }: Case, index: number): Promise<number> {
    const named = { apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { name: 'pod', ...pod.metadata } };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { selector: {}, template: { metadata: named.metadata, spec: pod.spec } },
    };
    const query = new URLSearchParams({ namespace: namespace || 'default', user: user?.name || 'anybody' });
    const body = index % 4 === 3 ? deployment : named;
    const answer = await send(admin.post(`/v1/clusters/${cluster}/evaluate?${query.toString()}`), body);
    return answer.status === 200 ? answer.body.results.length : 0;
  }

  let recorded = 0;
  for await (const cases of together(['psp-corners.ndjson.gz', 'psp-open.ndjson.gz'])) {
    if (recorded >= WANTED) break;
    const cluster = `replay-${clusters.length}`;
    clusters.push(cluster);
    await admin.put(`/v1/clusters/${cluster}`).send({ addServiceAccountVolume: clusters.length % 4 === 0 });
    const names = await savePolicies(cluster, cases.slice(0, CASES_WITH_POLICIES));
    for (const [index, each] of cases.entries()) recorded += await evaluate(cluster, each, index);
    // What counts is what was in force then, whatever has become of it since.
    for (const [index, name] of names.entries()) {
      if (index % 3 === 0) await admin.delete(`/v1/clusters/${cluster}/assignments/${name}`);
      if (index % 3 === 1) await admin.post(`/v1/policies/${name}/archive`).send({});
    }
  }
}, 300_000);

async function* together(files: readonly string[]): AsyncGenerator<readonly Case[]> {
  let cases: Case[] = [];
  for (const file of files) {
    for await (const line of readLines(join(VECTORS, file))) {
      if (cases.push(parseJson(line) as Case) < CASES_TOGETHER) continue;
      yield cases;
      cases = [];
    }
  }
}

async function decisionsOf(cluster: string): Promise<readonly Decision[]> {
  const found: Decision[] = [];
  const parts = await exportDecisions(contextOf(services), { cluster, filter: {}, order: 'oldest' });
  for await (const part of parts) found.push(...part);
  return found;
}

/** What a decision says of its verdict, and in which order. */
function verdictOf(
  said: Pick<Decision, 'allowed' | 'code' | 'reason' | 'candidates' | 'patch' | 'warnings'>,
) {
  const { allowed, code, reason, candidates, patch, warnings } = said;
  return parseJson(writeJson({ allowed, code, reason, candidates, patch, warnings }));
}

const checked = new Set<string>();
const compiledVersions = new Map<string, CompiledPolicy>();

/** The version that was in force is the one that is stored under its number. */
async function checkStored({ versionId, policyName, version, content }: PolicySetMember): Promise<void> {
  if (checked.has(versionId)) return;
  checked.add(versionId);
  const tx = readOnly(services.database);
  const policy = await findPolicyByName(tx, policyName);
  const stored = policy && (await findPolicyVersion(tx, policy.id, version));
  expect(stored?.content).toBe(content);
}

function compileOnce(member: PolicySetMember): CompiledPolicy {
  const known = compiledVersions.get(member.versionId) ?? compileStored(member);
  compiledVersions.set(member.versionId, known);
  return known;
}

/** Decides again from nothing but what is stored: the masked pod, the versions of the policies, whose rights counted. */
async function replay(decision: Decision) {
  const tx = readOnly(services.database);
  const set = await readPolicySet(tx, decision.clusterId, decision.decidedAt);
  if (set === null) throw new Error('the cluster was there');
  const versions = decision.candidates.map(({ policy, version }) => `${policy} ${version}`);
  expect(set.members.map(({ policyName, version }) => `${policyName} ${version}`).sort(compareBytes)).toEqual(
    versions,
  );
  await Promise.all(set.members.map(checkStored));
  const compiled = compileClusterSet(set, compileOnce);
  expect(compiled.digest).toBe(decision.policySetDigest);
  const [source] = readObjects((await findPodContent(tx, decision.podDigest)) ?? '', 'json').pods;
  if (source === undefined) throw new Error('what was decided about is stored');
  const pod = compiled.addServiceAccountVolume ? addServiceAccountVolume(source.pod) : source.pod;
  const { operation, requester } = decision;
  const { result } = judgePod(compiled, source, requester, { pod, operation });
  return { result, policy: result.policy };
}

describe('a decision', () => {
  test('comes out the same when it is made again from what is stored', { timeout: 120_000 }, async () => {
    const codes = new Map<string, number>();
    const differing: object[] = [];
    let replayed = 0;
    for (const cluster of clusters) {
      for (const decision of await decisionsOf(cluster)) {
        const { result, policy } = await replay(decision);
        const chosen = decision.policyName && { name: decision.policyName, version: decision.policyVersion };
        expect(policy).toEqual(chosen);
        const [stored, again] = [verdictOf(decision), verdictOf(result)];
        if (!isDeepStrictEqual(again, stored)) differing.push({ stored, again });
        codes.set(decision.code, (codes.get(decision.code) ?? 0) + 1);
        replayed += 1;
      }
    }
    expect(differing.slice(0, 3)).toEqual([]);
    expect(replayed).toBeGreaterThanOrEqual(WANTED);
    // Of each verdict enough, or it would say little.
    expect(codes.get('ADMITTED')).toBeGreaterThan(100);
    expect(codes.get('NO_POLICY_SATISFIED')).toBeGreaterThan(100);
  });
});
