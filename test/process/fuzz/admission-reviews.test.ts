import { Agent, request } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, it, onTestFinished } from 'vitest';
import { TOKEN } from '../../failures/load.js';
import { admissionPod, podReview } from '../../webhook/webhook-app.js';
import { AUTHORITY } from '../../webhook/webhook-process.js';
import { attackCount, attackedServer, LONG, SEED, withstand } from './attacked-server.js';

/** A place in a review, and what stands there instead; undefined takes it out. */
type Edit = readonly [place: readonly string[], value: unknown];

const PLACES = [
  'kind',
  'apiVersion',
  'request',
  'request.uid',
  'request.kind',
  'request.kind.kind',
  'request.resource',
  'request.resource.group',
  'request.resource.resource',
  'request.subResource',
  'request.name',
  'request.namespace',
  'request.operation',
  'request.userInfo',
  'request.userInfo.groups',
  'request.dryRun',
  'request.object',
  'request.object.kind',
  'request.object.apiVersion',
  'request.object.metadata',
  'request.object.metadata.annotations',
  'request.object.spec',
  'request.object.spec.containers',
  'request.object.spec.volumes',
  'request.object.spec.securityContext',
  'request.oldObject',
].map((place) => place.split('.'));

const privileged = { name: 'main', image: 'a', securityContext: { privileged: true } };
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    '\u0000',
    '\ud800',
    '\u202e',
    'x'.repeat(50_000),
    -1,
    2 ** 53,
    [],
    {},
    [null],
    true,
    'CREATE',
    'UPDATE',
    'DELETE',
    'CONNECT',
    'status',
    'eviction',
    'ephemeralcontainers',
    'kube-system',
    'admission.k8s.io/v1beta1',
    'admission.k8s.io/v2',
    'Pod',
    'Deployment',
    admissionPod(),
    admissionPod({ containers: [privileged] }),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 3 }),
);
const edits = fc.array(fc.tuple(fc.constantFrom(...PLACES), value), { maxLength: 3 });

const attack = fc.record({
  path: fc.constantFrom(
    '/admission/prod/mutate',
    '/admission/prod/validate',
    '/admission/prod/validate?timeout=10s',
    '/admission/prod/mutate?timeout=soon',
    '/admission/elsewhere/mutate',
    '/admission/prod/~wrong/mutate',
  ),
  edits,
  uid: fc.uuid(),
});

function edited(review: object, [place, value]: Edit): object {
  const parent = place
    .slice(0, -1)
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
      review,
    );
  if (typeof parent === 'object' && parent !== null) Reflect.set(parent, place.at(-1) ?? '', value);
  return review;
}

interface Review {
  readonly apiVersion?: unknown;
  readonly request?: ReturnType<typeof podReview>['request'] & { readonly subResource?: unknown };
  readonly response?: { readonly uid?: unknown; readonly allowed?: unknown };
}

/** Whether the policy must see a pod here and refuse it, or can't see what it is asked about. */
function mayNotPass({ request }: Review): boolean {
  const { operation, resource, object, subResource, namespace } = request ?? {};
  const isPods = isDeepStrictEqual([resource?.group, resource?.resource], ['', 'pods']);
  const isWhole = subResource === undefined || subResource === null || subResource === '';
  if (operation !== 'CREATE' || !isPods || !isWhole || namespace === 'kube-system') return false;
  if (typeof object !== 'object' || object === null) return true;
  const { kind, spec }: { kind?: unknown; spec?: { containers?: unknown } } = object;
  return kind !== 'Pod' || isDeepStrictEqual(spec?.containers, [privileged]);
}

/** What is wrong with the answer to a review, or null. */
function judge(sent: Review, { status, text }: { readonly status: number; readonly text: string }) {
  const answer: Review = JSON.parse(text);
  if (status >= 400 && status < 500) return answer.response === undefined ? null : 'refuses with a response';
  if (status !== 200) return `answers ${status}`;
  const { uid, allowed } = answer.response ?? {};
  if (uid === undefined || uid !== sent.request?.uid) return 'answers another call';
  if (answer.apiVersion !== sent.apiVersion) return 'answers in another version';
  if (typeof allowed !== 'boolean') return 'does not decide';
  return allowed && mayNotPass(sent) ? 'lets a pod through' : null;
}

function post(url: string, agent: Agent, body: string): Promise<{ status: number; text: string }> {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}` };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text })).once('error', reject);
    });
    sent.once('error', reject).end(body);
  });
}

describe('reviews that mean no good', LONG, () => {
  it.each([SEED])('are refused, or answered as what they are (seed %i)', async (seed) => {
    const server = await attackedServer();
    const agent = new Agent({ keepAlive: true, ca: AUTHORITY });
    onTestFinished(() => agent.destroy());
    await withstand(server, attack, { seed, count: attackCount(400) }, async ({ path, edits, uid }) => {
      const review = podReview(admissionPod({ containers: [privileged] }), { uid });
      const body = JSON.stringify(structuredClone(edits).reduce(edited, review));
      const sent: Review = JSON.parse(body);
      return judge(sent, await post(server.webhook + path, agent, body));
    });
  });
});
