import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyPatch, compareBytes, formatFieldError, type FieldError } from '../../src/engine/index.js';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { readLines } from '../conformance/json-lines.js';
import { ADMIN_TOKEN, patchOf, webhookApp } from './webhook-app.js';

/** A request as a kube-apiserver 1.20.2 sent it. */
interface Recorded {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of an API server, looked into at many places
  readonly review: any;
}

/** What one policy alone says to a pod, as the API server's own admission said it. */
interface Standing {
  readonly name: string;
  readonly allowed: boolean;
  readonly mutates: boolean;
  readonly unusable?: string;
  readonly errors: readonly { type: string; field: string; badValue: FieldError['value']; detail: string }[];
}

interface Expected {
  readonly policy: string | null;
  readonly changes: readonly [string, unknown][];
  readonly perPolicy: readonly Standing[];
}

const vectors = join(import.meta.dirname, '../conformance/vectors');

async function jsonLines<T>(file: string): Promise<readonly T[]> {
  const lines: T[] = [];
  for await (const line of readLines(file)) lines.push(JSON.parse(line));
  return lines;
}

const reviews = await jsonLines<Recorded>(join(import.meta.dirname, 'reviews.ndjson.gz'));
const wanted = new Set(reviews.map(({ review }) => caseOf(review)));
const cases = new Map(
  (await jsonLines<{ id: string; policies: readonly object[] }>(join(vectors, 'psp-open.ndjson.gz')))
    .filter(({ id }) => wanted.has(id))
    .map((each) => [each.id, each]),
);
const answers = new Map(
  (await jsonLines<Expected & { id: string }>(join(vectors, 'psp-open.expected.ndjson.gz')))
    // Where the API refuses one of the policies nothing was asked of them.
    .filter(({ id, perPolicy }) => wanted.has(id) && perPolicy !== undefined)
    .map((each) => [each.id, each]),
);

/**
 * What is said in validation where the API server has written seccomp's annotations from the fields or the fields from
 * the annotations by then: the mutation that the plugin's Admit would have made is no longer missing.
 */
const SYNCED: ReadonlyMap<string, object> = new Map<string, object>([
  ['f00075', { allowed: true, policy: 'z-last' }],
  ['f00129', { allowed: true, policy: 'b-1' }],
  ['f00237', { allowed: true, policy: 'restricted-2' }],
  ['f00240', { allowed: false }],
]);

/** The case that a review's pod was made from; the first one's policies, which allow it, stand in where there is none. */
function caseOf({ request }: Recorded['review']): string {
  return /^pod-(f\d+)$/.exec(request.name ?? '')?.[1] ?? 'f00000';
}

describe('the 257 requests of a real API server', () => {
  let app: Awaited<ReturnType<typeof webhookApp>>;

  beforeAll(async () => {
    app = await webhookApp();
    for (const { id, policies } of cases.values()) {
      await saveCluster(app.context, { name: id });
      if (!answers.has(id)) continue;
      for (const policy of policies) {
        const saved = await savePolicy(app.context, {
          name: null,
          text: JSON.stringify(policy),
          format: 'json',
        });
        await assignPolicy(app.context, {
          cluster: id,
          policy: saved.policy.name,
          pinnedVersion: saved.version.number,
          subjects: null,
          namespaces: null,
        });
      }
    }
  }, 120_000);

  test('are all answered as the policies demand', async () => {
    const seen = { judged: 0, changed: 0, free: 0, passed: 0 };
    for (const { path, headers, review } of reviews) {
      const { request } = review;
      const id = caseOf(review);
      const phase = path.startsWith('/mutating') ? 'mutate' : 'validate';
      const sent = { ...headers, Authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await app.post(`/admission/${id}/${phase}?timeout=10s`, review, sent);
      const what = `${id} ${phase} ${request.operation} ${request.name}`;
      expect(answer.status, what).toBe(200);
      const { response } = answer.body;
      expect(response.uid, what).toBe(request.uid);
      const expected = request.name?.startsWith('pod-') ? answers.get(id) : undefined;
      const isLookedAt =
        request.operation === 'CREATE' || (request.operation === 'UPDATE' && phase === 'validate');
      if (request.kind.kind !== 'Pod' || !isLookedAt || expected === undefined) {
        // Nothing is known of what the policies say, but for those that are let through without being asked.
        if (!isLookedAt || request.kind.kind !== 'Pod') expect(response.allowed, what).toBe(true);
        seen.passed += 1;
        continue;
      }
      if (request.operation === 'UPDATE' && isFree(request)) {
        expect(response, what).toEqual({ uid: request.uid, allowed: true });
        seen.free += 1;
        continue;
      }
      const verdict = verdictOf(expected.perPolicy, phase, request.object.metadata);
      const name = request.name || request.object.metadata.name || request.object.metadata.generateName;
      if (phase === 'validate' && SYNCED.has(id)) {
        expect(answered(response), what).toMatchObject(SYNCED.get(id) ?? {});
      } else expect(answered(response), what).toEqual(told(verdict, phase, name));
      seen.judged += 1;
      if (phase !== 'mutate' || verdict.policy === null || verdict.policy !== expected.policy) continue;
      const admitted = applyPatch(request.object, patchOf(answer));
      expect(leavesThatDiffer(request.object, admitted), what).toEqual(expected.changes);
      seen.changed += 1;
    }
    expect(seen).toEqual({ judged: 159, changed: 42, free: 0, passed: 98 });
  }, 120_000);
});

interface Verdict {
  readonly policy: string | null;
  readonly errors: readonly string[];
  readonly isEmpty: boolean;
}

/** What the policies together say, from what each of them says alone: sections 2.2 and 2.5 of Kubernetes' algorithm. */
function verdictOf(
  standings: readonly Standing[],
  phase: string,
  { annotations }: { annotations?: Record<string, string> },
): Verdict {
  const hint = phase === 'validate' ? annotations?.['kubernetes.io/psp'] : undefined;
  const inOrder = standings.toSorted(
    (a, b) => Number(b.name === hint) - Number(a.name === hint) || compareBytes(a.name, b.name),
  );
  const sound = inOrder.filter(({ unusable }) => unusable === undefined);
  const admitting = sound.filter(({ allowed }) => allowed);
  const chosen = admitting.find(({ mutates }) => !mutates) ?? (phase === 'mutate' ? admitting[0] : undefined);
  const errors = sound.flatMap((standing) =>
    standing.errors.map(({ type, field, badValue, detail }) =>
      formatFieldError({
        // The vectors' types are the engine's with a prefix.
        type: type.replace('FieldValue', '') as FieldError['type'],
        field,
        value: badValue,
        message: detail,
      }),
    ),
  );
  return { policy: chosen?.name ?? null, errors, isEmpty: sound.length === 0 };
}

function told({ policy, errors, isEmpty }: Verdict, phase: string, name: string) {
  const able = phase === 'mutate' ? 'admit' : 'validate';
  if (policy !== null) return { allowed: true, policy };
  const why = isEmpty
    ? 'no providers available to validate pod request'
    : `unable to ${able} pod: [${errors.join(' ')}]`;
  return { allowed: false, message: `pods "${name}" is forbidden: PodSecurityPolicy: ${why}` };
}

function answered(response: Recorded['review']) {
  const { allowed, status, auditAnnotations } = response;
  if (!allowed) return { allowed, message: status.message.split('\nsee why: ')[0] };
  return { allowed, policy: auditAnnotations?.['admit-policy'] ?? auditAnnotations?.['validate-policy'] };
}

const FREE = new Set(['ownerReferences', 'finalizers', 'selfLink', 'managedFields']);

function isFree({ object, oldObject }: Recorded['review']): boolean {
  const [after, before] = [object, oldObject].map(({ metadata, spec }) => ({
    spec,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !FREE.has(key))),
  }));
  return isDeepStrictEqual(after, before);
}

const LISTS_OF_CONTAINERS = /^\/spec\/(containers|initContainers|ephemeralContainers)$/;

/** As the vectors list changes: leaves by their pointer, sorted; of lists only those of containers are entered. */
function leavesThatDiffer(before: unknown, after: unknown, pointer = ''): [string, unknown][] {
  const enter = !Array.isArray(after) || LISTS_OF_CONTAINERS.test(pointer);
  if (typeof after === 'object' && after !== null && enter) {
    return Object.entries(after)
      .flatMap(([key, value]) => {
        // Both are objects or lists; an absent one has no members.
        const inner = (before as Record<string, unknown> | undefined)?.[key];
        return leavesThatDiffer(
          inner,
          value,
          `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        );
      })
      .sort(([a], [b]) => compareBytes(a, b));
  }
  return isDeepStrictEqual(before, after) ? [] : [[pointer, after]];
}
