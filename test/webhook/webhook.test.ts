import { beforeAll, describe, expect, test } from 'vitest';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { createWebhookSecret, revokeWebhookSecret } from '../../src/operations/admission/webhook-secrets.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { listDecisions } from '../../src/operations/decisions/list-decisions.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { policyYaml } from '../support/operation-context.js';
import { ADMIN_TOKEN, admissionPod, REVIEW_LIMIT, patchOf, podReview, webhookApp } from './webhook-app.js';

let app: Awaited<ReturnType<typeof webhookApp>>;

beforeAll(async () => {
  app = await webhookApp();
  await saveCluster(app.context, { name: 'prod' });
  await saveCluster(app.context, { name: 'empty' });
  for (const [name, fields] of [
    ['restricted', 'runAsUser: { rule: MustRunAs, ranges: [{ min: 5, max: 5 }] }'],
    ['trusted', 'hostNetwork: true\nhostPorts: [{ min: 0, max: 65535 }]'],
  ] as const) {
    await savePolicy(app.context, { name, text: policyYaml(name, fields), format: 'yaml' });
  }
  const everywhere = { cluster: 'prod', pinnedVersion: null, namespaces: null };
  await assignPolicy(app.context, { ...everywhere, policy: 'restricted', subjects: null });
  await assignPolicy(app.context, {
    ...everywhere,
    policy: 'trusted',
    subjects: [
      { kind: 'User', name: 'root' },
      { kind: 'ServiceAccount', name: 'net', namespace: 'team-a' },
    ],
  });
});

const decisionsOf = async (cluster: string) =>
  (
    await listDecisions(app.context, { cluster, filter: {}, order: 'newest', first: 100, after: null })
  ).edges.map(({ node }) => node);

const deployment = (spec: object) =>
  podReview(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template: { spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec } } },
    },
    {
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    },
  );

describe('mutate on CREATE', () => {
  test('applies what the chosen policy fills in and names the policy in the pod', async () => {
    const answer = await app.post('/admission/prod/mutate', podReview(admissionPod()));
    expect(answer.body.response).toMatchObject({
      allowed: true,
      patchType: 'JSONPatch',
      auditAnnotations: { 'admit-policy': 'restricted' },
    });
    expect(patchOf(answer)).toEqual([
      { op: 'add', path: '/spec/containers/0/securityContext', value: { runAsUser: 5 } },
      { op: 'add', path: '/metadata/annotations', value: { 'kubernetes.io/psp': 'restricted' } },
    ]);
  });

  test('changes nothing the second time, and points to the first decision', async () => {
    const metadata = { annotations: { 'kubernetes.io/psp': 'restricted' }, labels: { again: 'yes' } };
    const spec = { containers: [{ name: 'main', image: 'busybox', securityContext: { runAsUser: 5 } }] };
    const first = await app.post(
      '/admission/prod/mutate',
      podReview(admissionPod({}, { labels: { again: 'yes' } })),
    );
    const again = await app.post('/admission/prod/mutate', podReview(admissionPod(spec, metadata)));
    expect(patchOf(again)).toEqual([]);
    const [repeated] = await decisionsOf('prod');
    expect(repeated?.admission?.mutateDecisionId).toBe(first.body.response.auditAnnotations.decision);
  });

  test("refuses with Kubernetes' words and the decision's address", async () => {
    const pod = admissionPod({ hostNetwork: true });
    const { body } = await app.post('/admission/prod/mutate', podReview(pod));
    const { decision } = body.response.auditAnnotations;
    expect(body.response).toMatchObject({
      allowed: false,
      status: {
        code: 403,
        reason: 'Forbidden',
        message: `pods "web" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used]\nsee why: https://podgate.example/v1/decisions/${decision}`,
      },
    });
    const [recorded] = await decisionsOf('prod');
    expect(recorded).toMatchObject({
      id: decision,
      source: 'WEBHOOK',
      operation: 'CREATE',
      allowed: false,
      admission: { phase: 'MUTATE', mode: 'ENFORCE', offline: false, mutateDecisionId: null },
      requester: { user: 'ann', serviceAccount: 'default', namespace: 'team-a' },
    });
  });

  test.each([
    ['the requesting user may use', { userInfo: { username: 'root', groups: [] } }, {}],
    ["the pod's service account may use", {}, { serviceAccountName: 'net' }],
  ])('admits under a policy that %s', async (_, request, spec) => {
    const pod = admissionPod({ hostNetwork: true, ...spec });
    const { body } = await app.post('/admission/prod/mutate', podReview(pod, request));
    expect(body.response.auditAnnotations['admit-policy']).toBe('trusted');
  });

  test('answers a v1beta1 review in v1beta1', async () => {
    const review = { ...podReview(admissionPod()), apiVersion: 'admission.k8s.io/v1beta1' };
    const { body } = await app.post('/admission/prod/mutate', review);
    expect(body).toMatchObject({ apiVersion: 'admission.k8s.io/v1beta1', response: { allowed: true } });
  });

  test('records nothing of a dry run and says so', async () => {
    const before = await decisionsOf('prod');
    const { body } = await app.post('/admission/prod/mutate', podReview(admissionPod(), { dryRun: true }));
    expect(body.response.warnings).toEqual(['Podgate recorded no decision: this is a dry run']);
    expect(await decisionsOf('prod')).toEqual(before);
  });
});

describe('validate', () => {
  const mutated = admissionPod(
    { containers: [{ name: 'main', image: 'busybox', securityContext: { runAsUser: 5 } }] },
    { annotations: { 'kubernetes.io/psp': 'restricted' }, labels: { tied: 'yes' } },
  );

  test('points to the mutation of the same pod', async () => {
    const first = await app.post(
      '/admission/prod/mutate',
      podReview(admissionPod({}, { labels: { tied: 'yes' } })),
    );
    const stored = { ...mutated, metadata: { ...mutated.metadata, uid: 'u', managedFields: [] } };
    const { body } = await app.post('/admission/prod/validate', podReview(stored));
    expect(body.response).toMatchObject({
      allowed: true,
      auditAnnotations: { 'validate-policy': 'restricted' },
    });
    const [recorded] = await decisionsOf('prod');
    expect(recorded?.admission).toMatchObject({
      phase: 'VALIDATE',
      mutateDecisionId: first.body.response.auditAnnotations.decision,
    });
  });

  test('refuses a pod that would have to be changed', async () => {
    const { body } = await app.post('/admission/prod/validate', podReview(admissionPod()));
    expect(body.response.status.message).toContain('unable to validate pod: []');
  });

  test('lets an update through that changes only what is free, and looks at any other', async () => {
    const oldObject = admissionPod();
    const free = admissionPod({}, { finalizers: ['example.com/f'] });
    const update = (object: object) =>
      app.post('/admission/prod/validate', podReview(object, { operation: 'UPDATE', oldObject }));
    expect((await update(free)).body.response).toEqual({ uid: expect.any(String), allowed: true });
    expect((await update(admissionPod({}, { labels: { a: 'b' } }))).body.response.allowed).toBe(false);
  });

  test('checks ephemeral containers where the request carries a pod, and warns where it does not', async () => {
    const request = { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: mutated };
    const debug = { name: 'debug', image: 'busybox', securityContext: { privileged: true, runAsUser: 5 } };
    const pod = { ...mutated, spec: { ...mutated.spec, ephemeralContainers: [debug] } };
    const { body } = await app.post('/admission/prod/validate', podReview(pod, request));
    expect(body.response.status.message).toContain('spec.ephemeralContainers[0].securityContext.privileged');
    const older = {
      kind: 'EphemeralContainers',
      apiVersion: 'v1',
      metadata: {},
      ephemeralContainers: [debug],
    };
    const passed = await app.post('/admission/prod/validate', podReview(older, request));
    expect(passed.body.response).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('ephemeral')],
    });
  });
});

describe('what the policies do not look at', () => {
  test.each([
    ['a deletion', { operation: 'DELETE', object: null }],
    ['a connection', { operation: 'CONNECT', subResource: 'exec' }],
    ['the status of a pod', { operation: 'UPDATE', subResource: 'status' }],
    ['a binding', { subResource: 'binding', object: { kind: 'Binding', apiVersion: 'v1' } }],
    ['a namespace that must never be blocked', { namespace: 'kube-system' }],
  ])('lets %s through and records nothing', async (_, request) => {
    const before = await decisionsOf('empty');
    for (const phase of ['mutate', 'validate']) {
      const { body } = await app.post(`/admission/empty/${phase}`, podReview(admissionPod(), request));
      expect(body.response).toEqual({ uid: expect.any(String), allowed: true });
    }
    expect(await decisionsOf('empty')).toEqual(before);
  });
});

describe('a workload', () => {
  const warningsFor = async (review: object) => {
    const { body } = await app.post('/admission/prod/validate', review);
    expect(body.response.allowed).toBe(true);
    return body.response.warnings ?? [];
  };

  test('is answered without a warning where its pods would be admitted', async () => {
    expect(await warningsFor(deployment({}))).toEqual([]);
    expect(await warningsFor(deployment({ hostNetwork: true, serviceAccountName: 'net' }))).toEqual([]);
  });

  test('is let through with a warning where its pods would be refused', async () => {
    expect(await warningsFor(deployment({ hostNetwork: true }))).toEqual([
      expect.stringMatching(
        /^the pods of this Deployment would be refused: unable to admit pod: \[spec\.sec/,
      ),
    ]);
  });

  test('is warned of rights that only its user has', async () => {
    const { request, ...review } = deployment({ hostNetwork: true });
    const asRoot = { ...review, request: { ...request, userInfo: { username: 'root', groups: [] } } };
    expect(await warningsFor(asRoot)).toEqual([
      'the pods of this Deployment would be refused: policy trusted would admit them for user root only, but the service account default may not use it',
    ]);
  });
});

describe('who may call', () => {
  const nobody = {};

  test('is told by the secret in the path, which no log shows', async () => {
    const { secret, webhookSecret } = await createWebhookSecret(app.context, 'prod');
    const path = `/admission/prod/~${secret}/mutate`;
    expect((await app.post(path, podReview(admissionPod()), nobody)).status).toBe(200);
    expect((await decisionsOf('prod'))[0]?.actor).toBe('webhook:prod');
    expect(
      (await app.post(`/admission/empty/~${secret}/mutate`, podReview(admissionPod()), nobody)).status,
    ).toBe(401);
    await revokeWebhookSecret(app.context, { cluster: 'prod', id: webhookSecret.id });
    expect(app.log()).toContain('/admission/prod/~[masked]/mutate');
    expect(app.log()).not.toContain(secret);
  });

  test.each([
    ['a creation', 'mutate', podReview(admissionPod())],
    ['a validation', 'validate', podReview(admissionPod())],
    ['a dry run', 'mutate', podReview(admissionPod(), { dryRun: true })],
    ['a workload', 'validate', deployment({})],
  ])('is told by a secret until it is revoked, not once longer: %s', async (_name, phase, review) => {
    const { secret, webhookSecret } = await createWebhookSecret(app.context, 'prod');
    const call = async () => (await app.post(`/admission/prod/~${secret}/${phase}`, review, nobody)).status;
    expect(await call()).toBe(200); // from now on the secret is known by heart
    const before = await decisionsOf('prod');
    await revokeWebhookSecret(app.context, { cluster: 'prod', id: webhookSecret.id });
    expect([await call(), await call()]).toEqual([401, 401]);
    expect(await decisionsOf('prod')).toEqual(before);
  });

  test.each([
    ['no credentials', '/admission/prod/mutate', {}],
    ['a wrong token', '/admission/prod/mutate', { Authorization: 'Bearer nobody' }],
    ['a wrong secret', '/admission/prod/~wrong/mutate', {}],
    ['a secret for an unknown cluster', '/admission/unknown/~wrong/mutate', {}],
  ])('is refused with %s', async (_, path, headers) => {
    const answer = await app.post(path, podReview(admissionPod()), headers);
    expect(answer).toMatchObject({ status: 401, body: { type: 'urn:podgate:problem:unauthenticated' } });
  });
});

describe('what is no review', () => {
  const good = podReview(admissionPod());
  test.each<[string, unknown, number]>([
    ['no JSON', '{', 400],
    ['a list', [good], 422],
    ['another kind', { ...good, kind: 'Pod' }, 422],
    ['another version', { ...good, apiVersion: 'admission.k8s.io/v2' }, 422],
    ['no request', { kind: good.kind, apiVersion: good.apiVersion }, 422],
    ['a request without a uid', { ...good, request: { ...good.request, uid: '' } }, 422],
    ['another operation', podReview(admissionPod(), { operation: 'PATCH' }), 422],
    ['a creation without an object', podReview(admissionPod(), { object: null }), 422],
    ['a pod with wrong types', podReview(admissionPod({ hostNetwork: 'yes' })), 422],
    ['a body over the limit', 'x'.repeat(REVIEW_LIMIT + 1), 413],
  ])('is refused: %s', async (_, body, status) => {
    const answer = await app.post('/admission/prod/mutate', body);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toHaveProperty('response');
  });

  test('is refused for an unknown cluster', async () => {
    expect((await app.post('/admission/unknown/mutate', good)).status).toBe(404);
  });

  test('is refused as another media type', async () => {
    const headers = { 'Content-Type': 'text/plain', Authorization: `Bearer ${ADMIN_TOKEN}` };
    expect((await app.post('/admission/prod/mutate', good, headers)).status).toBe(415);
  });
});
