import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { listChanges } from '../../src/operations/changes/list-changes.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { policyYaml } from '../support/operation-context.js';
import {
  ADMIN_TOKEN,
  admissionPod,
  podReview,
  REVIEW_LIMIT,
  type WebhookAnswer,
  webhookApp,
} from './webhook-app.js';

let app: Awaited<ReturnType<typeof webhookApp>>;
beforeAll(async () => {
  app = await webhookApp();
  await saveCluster(app.context, { name: 'prod' });
  await savePolicy(app.context, { name: 'closed', text: policyYaml('closed'), format: 'yaml' });
  const terms = { pinnedVersion: null, subjects: null, namespaces: null };
  await assignPolicy(app.context, { cluster: 'prod', policy: 'closed', ...terms });
});

const PHASES = ['mutate', 'validate'] as const;
const review = (phase: (typeof PHASES)[number], body: unknown) => app.post(`/admission/prod/${phase}`, body);
const privileged = { name: 'main', image: 'a', securityContext: { privileged: true } };

/** Copies of a value, each with something odd in one of its places; the place is told by its path. */
function* oddly(value: unknown, path = ''): Generator<readonly [path: string, odd: unknown]> {
  for (const odd of [null, '', 'x', 0, -1, true, [], {}, [null], [[]], { __proto__: [] }]) yield [path, odd];
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    for (const [place, odd] of oddly(Reflect.get(value, key), `${path}/${key}`)) {
      yield [place, Object.assign(structuredClone(value), { [key]: odd })];
    }
  }
}

/** Whether an API server takes the answer for an admission. */
const admits = ({ status, body }: WebhookAnswer) => status === 200 && body.response.allowed === true;

/** Where the API server itself says that there is nothing for the policies, or where what was wrong is taken away. */
const HARMLESS =
  /^\/request\/(resource\/(group|resource)|subResource|object\/spec(\/containers(\/0(\/securityContext(\/privileged)?)?)?)?)$/;

// oxlint-disable-next-line no-control-regex -- what must not reach a terminal
const STEERS = /[\u0000-\u001f\u007f-\u009f\u202e]/;

describe('a review that means no good', () => {
  test('is answered, or refused for a reason, whatever stands in any of its places', async () => {
    const pod = admissionPod({ containers: [privileged] }, { labels: { a: 'b' }, annotations: { c: 'd' } });
    const good = podReview(pod, { subResource: '', dryRun: true });
    let answered = 0;
    for (const [place, odd] of oddly(good)) {
      for (const phase of PHASES) {
        const answer = await review(phase, odd);
        const what = `${phase} ${place} ${JSON.stringify(odd)}`;
        expect([200, 400, 422], what).toContain(answer.status);
        if (admits(answer)) expect(place, what).toMatch(HARMLESS);
        answered += 1;
      }
    }
    expect(answered).toBeGreaterThan(800);
  }, 120_000);

  describe('of a pod that is too large to be judged', () => {
    const args = Array.from({ length: 50_001 }, () => '');
    const many = admissionPod({ containers: [{ name: 'main', image: 'a', args }] });
    const workload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { template: many },
    };
    const asWorkload = {
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    };
    beforeAll(async () => {
      await saveCluster(app.context, { name: 'warned', mode: 'WARN' });
    });

    test.each(PHASES)('is refused by %s, with a status that no failurePolicy lets through', async (phase) => {
      const { status, body } = await review(phase, podReview(many));
      expect(status).toBe(200);
      expect(body.response).toMatchObject({ allowed: false, status: { code: 403 } });
      expect(body.response.status?.message).toContain('too large');
    });

    test.each(PHASES)('lets it through with a warning where a denial would, in %s', async (phase) => {
      const { body } = await app.post(`/admission/warned/${phase}`, podReview(many));
      expect(body.response.allowed).toBe(true);
      expect(body.response.warnings?.[0]).toMatch(/^let through unchecked: The object is too large/);
    });

    test('warns of a workload with such pods', async () => {
      const { body } = await review('validate', podReview(workload, asWorkload));
      expect(body.response.allowed).toBe(true);
      expect(body.response.warnings?.[0]).toMatch(/^let through unchecked/);
    });

    test('is noted among the changes', async () => {
      await review('validate', podReview(many));
      const noted = async () => {
        const { edges } = await listChanges(app.context, { first: 100, after: null });
        return edges.map(({ node: { action, clusterName, details } }) => ({
          action,
          clusterName,
          ...details,
        }));
      };
      await expect.poll(noted, { timeout: 20_000 }).toContainEqual(
        expect.objectContaining({
          action: 'ACCESS_REFUSED',
          clusterName: 'prod',
          message: 'The object is too large to be evaluated',
        }),
      );
    });
  });

  test('about pods that holds none is not let through unseen', async () => {
    for (const object of [{ ...admissionPod(), kind: 'Node' }, { ...admissionPod(), apiVersion: 'v9' }, {}]) {
      for (const phase of PHASES) {
        expect((await review(phase, podReview(object))).status).toBe(422);
        // An eviction is about a pod and holds none.
        const eviction = podReview(
          { apiVersion: 'policy/v1', kind: 'Eviction' },
          { subResource: 'eviction' },
        );
        expect(admits(await review(phase, eviction))).toBe(true);
      }
    }
  });

  test.each([
    ['a member called __proto__ adds nothing', '"__proto__":{"hostPID":true}', true],
    ['a member called constructor adds nothing', '"constructor":{"prototype":{"hostPID":true}}', true],
    ['a member called __proto__ takes nothing back', '"hostPID":true,"__proto__":{"hostPID":false}', false],
  ])('shows the pod as it is: %s', async (_, members, allowed) => {
    const text = JSON.stringify(podReview(admissionPod({ MARK: 1 }))).replace('"MARK":1', members);
    for (const phase of PHASES) expect(admits(await review(phase, text))).toBe(allowed);
    expect(({} as Record<string, unknown>)['hostPID']).toBeUndefined();
  });

  const deep = (levels: number, open: string, close: string) =>
    `${open.repeat(levels)}1${close.repeat(levels)}`;
  const withMark = (spec: object, members: string) =>
    JSON.stringify(podReview(admissionPod({ ...spec, MARK: 1 }))).replace('"MARK":1', members);

  test.each<[string, number, string]>([
    ['lists 100,000 deep', 400, withMark({}, `"a":${deep(100_000, '[', ']')}`)],
    ['objects 20,000 deep', 400, withMark({}, `"a":${deep(20_000, '{"a":', '}')}`)],
    ['what Podgate does not know, 900 deep', 200, withMark({}, `"a":${deep(900, '{"a":', '}')}`)],
    ['a list 900 deep where a text should be', 422, withMark({}, `"hostname":${deep(900, '[', ']')}`)],
    ['a key twice', 400, withMark({}, '"hostPID":true,"hostPID":false')],
    ['a number of 30,000 digits', 400, withMark({}, `"priority":${'9'.repeat(30_000)}`)],
    [
      'an integer beyond 2^63',
      422,
      withMark({ securityContext: { runAsUser: 1 } }, '"a":1').replace(
        '"runAsUser":1',
        '"runAsUser":92233720368547758080',
      ),
    ],
    ['a NUL byte', 400, withMark({}, '"a":"\0"')],
    ['no text at all', 400, '\ud800'.repeat(10)],
    [
      'as many containers as there is room for',
      200,
      withMark({ containers: [] }, '"a":1').replace(
        '"containers":[]',
        `"containers":[${`{"name":"a","image":"b"},`.repeat(15_000)}{"name":"z","image":"b"}]`,
      ),
    ],
  ])('is answered with %s', async (_, status, text) => {
    const statuses = [];
    for (const phase of PHASES) statuses.push((await review(phase, text)).status);
    expect(statuses).toEqual([status, status]);
  });

  test.each([
    '\0',
    '\u001b[2J\u009b\r\n',
    '\ud800',
    '\u202e',
    "'; DROP TABLE decisions; --",
    'x'.repeat(50_000),
  ])('is recorded with names such as %j, which steer no terminal', async (odd) => {
    for (const hostPID of [false, true]) {
      const pod = admissionPod({ hostPID }, { name: odd, annotations: { [odd]: odd } });
      const userInfo = { username: odd, groups: [odd] };
      const { status, body } = await review(
        'mutate',
        podReview(pod, { name: odd, namespace: odd, userInfo }),
      );
      expect([status, body.response.allowed]).toEqual([200, !hostPID]);
      const { status: refusal, warnings = [] } = body.response;
      expect(`${refusal?.message.split('\nsee why')[0]}${warnings.join('')}`).not.toMatch(STEERS);
    }
    expect(app.log()).not.toContain('\u001b');
  });

  test('is refused where it is larger than it looks', async () => {
    const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const sent = { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Encoding': 'gzip' };
    expect(zeros.length).toBeLessThan(REVIEW_LIMIT);
    expect((await app.post('/admission/prod/mutate', zeros, sent)).status).toBe(413);
    const broken = zeros.subarray(0, 100);
    expect((await app.post('/admission/prod/mutate', broken, sent)).status).toBe(400);
  });
});
