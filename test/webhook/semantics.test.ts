import { beforeAll, describe, expect, test } from 'vitest';
import { applyPatch } from '../../src/engine/index.js';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { getDecision } from '../../src/operations/decisions/get-decision.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { policyYaml } from '../support/operation-context.js';
import { ADMIN_TOKEN, admissionPod, BODY_LIMIT, patchOf, podReview, webhookApp } from './webhook-app.js';

let app: Awaited<ReturnType<typeof webhookApp>>;

/** In each cluster its policies, for everybody. */
const CLUSTERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  filling: { filling: 'runAsUser: { rule: MustRunAs, ranges: [{ min: 5, max: 5 }] }' },
  pair: { 'a-open': '', 'b-open': '' },
  strict: {
    'a-no-ports': 'hostPorts: []\nhostNetwork: true',
    'b-no-network': 'hostPorts: [{ min: 1, max: 65535 }]',
  },
  secrets: { secrets: 'volumes: [secret, emptyDir]' },
  warned: { warned: '' },
};

beforeAll(async () => {
  app = await webhookApp();
  for (const [cluster, policies] of Object.entries(CLUSTERS)) {
    await saveCluster(app.context, { name: cluster, ...(cluster === 'warned' ? { mode: 'WARN' } : {}) });
    for (const [policy, fields] of Object.entries(policies)) {
      await savePolicy(app.context, { name: policy, text: policyYaml(policy, fields), format: 'yaml' });
      const terms = { pinnedVersion: null, subjects: null, namespaces: null };
      await assignPolicy(app.context, { cluster, policy, ...terms });
    }
  }
});

const ask = (cluster: string, phase: 'mutate' | 'validate', pod: object, request: object = {}) =>
  app.post(`/admission/${cluster}/${phase}?timeout=10s`, podReview(pod, { ...request }));

describe('an answer has the form that an API server demands', () => {
  const versions = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'];

  test.each(versions)('of %s, refused', async (apiVersion) => {
    const review = { ...podReview(admissionPod({ hostPID: true })), apiVersion };
    const headers = {
      Authorization: `Bearer ${ADMIN_TOKEN}`,
      Accept: 'application/json, */*',
      'Accept-Encoding': 'gzip',
      Connection: 'keep-alive',
      'User-Agent': 'kube-apiserver-admission',
    };
    const { status, body } = await app.post('/admission/filling/mutate?timeout=10s', review, headers);
    const { uid } = review.request;
    expect([status, body]).toEqual([
      200,
      {
        kind: 'AdmissionReview',
        apiVersion,
        response: {
          uid,
          allowed: false,
          status: {
            status: 'Failure',
            reason: 'Forbidden',
            code: 403,
            message: expect.stringMatching(/^pods "web" is forbidden: [^\n]+\nsee why: https:\/\/\S+$/),
          },
          auditAnnotations: { decision: expect.any(String) },
        },
      },
    ]);
  });

  test.each(versions)('of %s, changed', async (apiVersion) => {
    const review = { ...podReview(admissionPod()), apiVersion };
    const { body } = await app.post('/admission/filling/mutate', review);
    expect(body).toMatchObject({
      kind: 'AdmissionReview',
      apiVersion,
      response: { uid: review.request.uid, allowed: true, patchType: 'JSONPatch' },
    });
    expect(body.response.patch).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });

  test('without a patch in validation', async () => {
    const { body } = await ask('pair', 'validate', admissionPod());
    expect(body.response).toEqual({
      uid: expect.any(String),
      allowed: true,
      auditAnnotations: { 'validate-policy': 'a-open', decision: expect.any(String) },
    });
  });

  test.each([
    ["the request's name", { name: 'web' }, { name: 'other' }, 'web'],
    ["the pod's name", { name: undefined }, { name: 'web' }, 'web'],
    ['the name that is to be generated', { name: '' }, { name: undefined, generateName: 'web-' }, 'web-'],
    ['no name', { name: '' }, { name: undefined }, 'Unknown'],
  ])('naming the pod by %s', async (_, request, metadata, name) => {
    const { body } = await ask('filling', 'mutate', admissionPod({ hostPID: true }, metadata), request);
    expect(body.response.status.message).toContain(`pods "${name}" is forbidden: `);
  });

  test('with warnings that are cut where an API server would cut them', async () => {
    const ports = Array.from({ length: 40 }, (_, index) => ({ containerPort: 1, hostPort: 1000 + index }));
    const containers = [{ name: 'main', image: 'busybox', ports }];
    const { body } = await ask('warned', 'mutate', admissionPod({ containers }));
    expect(body.response.allowed).toBe(true);
    expect(body.response.warnings).toEqual([expect.stringMatching(/^this would be refused .{200,}…$/)]);
    expect(body.response.warnings[0]).toHaveLength(256);
  });
});

describe('the patch fits the object whatever its members are', () => {
  const containers = [{ name: 'main', image: 'busybox', securityContext: null }];
  test.each<[string, Readonly<Record<string, unknown>>, object, object]>([
    ['no annotations', {}, {}, { 'kubernetes.io/psp': 'filling' }],
    ['annotations that are null', {}, { annotations: null }, { 'kubernetes.io/psp': 'filling' }],
    ['empty annotations', {}, { annotations: {} }, { 'kubernetes.io/psp': 'filling' }],
    [
      'other annotations',
      {},
      { annotations: { 'a/b~c': 'd' } },
      { 'a/b~c': 'd', 'kubernetes.io/psp': 'filling' },
    ],
    [
      'another policy named by the user',
      {},
      { annotations: { 'kubernetes.io/psp': 'mine' } },
      { 'kubernetes.io/psp': 'filling' },
    ],
    ['members that are null', { containers, securityContext: null }, {}, { 'kubernetes.io/psp': 'filling' }],
  ])('%s', async (_, spec, metadata, annotations) => {
    const pod = admissionPod(spec, metadata);
    const admitted = JSON.parse(
      JSON.stringify(applyPatch(pod, patchOf(await ask('filling', 'mutate', pod)))),
    );
    expect(admitted).toMatchObject({
      metadata: { annotations },
      spec: { containers: [{ securityContext: { runAsUser: 5 } }] },
    });
    // What comes out is what is let through, by the next call as by validation.
    expect(patchOf(await ask('filling', 'mutate', admitted))).toEqual([]);
    const validated = await ask('filling', 'validate', admitted);
    expect(validated.body.response.auditAnnotations).toMatchObject({ 'validate-policy': 'filling' });
  });
});

describe('validation considers the policy in the annotation first', () => {
  const named = (policy: string) => ({ annotations: { 'kubernetes.io/psp': policy } });
  const update = (object: object, oldObject: object = admissionPod({}, { labels: { old: 'yes' } })) =>
    ask('pair', 'validate', object, { operation: 'UPDATE', oldObject });

  test.each(['CREATE', 'UPDATE'])('on %s', async (operation) => {
    const request = operation === 'CREATE' ? {} : { operation, oldObject: admissionPod() };
    for (const policy of ['a-open', 'b-open']) {
      const { body } = await ask('pair', 'validate', admissionPod({}, named(policy)), request);
      expect(body.response.auditAnnotations['validate-policy']).toBe(policy);
    }
  });

  test('also in what it says of a denial', async () => {
    const spec = {
      hostNetwork: true,
      containers: [{ name: 'main', image: 'i', ports: [{ containerPort: 1, hostPort: 1 }] }],
    };
    const { body } = await ask('strict', 'validate', admissionPod(spec, named('b-no-network')));
    expect(body.response.status.message).toMatch(
      /unable to validate pod: \[spec\.securityContext\.hostNetwork: .* spec\.containers\[0\]\.hostPort: /,
    );
  });

  test.each<[string, object]>([
    ['nothing', {}],
    ['its owners', { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }] }],
    ['its finalizers', { finalizers: ['example.com/f'] }],
    ['who manages it', { managedFields: [{ manager: 'kubectl', operation: 'Update' }] }],
  ])('but lets an update through unseen that changes %s', async (_, metadata) => {
    const { body } = await update(admissionPod({ hostPID: true }, metadata), admissionPod({ hostPID: true }));
    expect(body.response).toEqual({ uid: expect.any(String), allowed: true });
  });

  test('and any other update is looked at as a whole', async () => {
    const { body } = await update(admissionPod({ hostPID: true }, { labels: { a: 'b' } }));
    expect(body.response.allowed).toBe(false);
  });

  test('of a dry run records nothing and says so', async () => {
    const request = { operation: 'UPDATE', oldObject: admissionPod(), dryRun: true };
    const { body } = await ask('pair', 'validate', admissionPod({}, { labels: { a: 'b' } }), request);
    expect(body.response.auditAnnotations).toEqual({ 'validate-policy': 'a-open' });
    expect(body.response.warnings).toEqual(['Podgate recorded no decision: this is a dry run']);
  });
});

/** A pod as an API server of today sends it: what the plugins before have added is there. */
function podOfToday() {
  const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
  const account = { name: 'kube-api-access-x7k2p', mountPath, readOnly: true };
  const unready = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  return admissionPod(
    {
      containers: [
        {
          name: 'main',
          image: 'busybox',
          imagePullPolicy: 'Always',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: { limits: { cpu: '1', 'example.com/gpu': '2' } },
          volumeMounts: [account],
        },
      ],
      volumes: [
        {
          name: account.name,
          projected: {
            defaultMode: 420,
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
              {
                downwardAPI: {
                  items: [
                    { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
                  ],
                },
              },
            ],
          },
        },
      ],
      serviceAccount: 'default',
      tolerations: [unready('node.kubernetes.io/not-ready'), unready('node.kubernetes.io/unreachable')],
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      enableServiceLinks: true,
      schedulerName: 'default-scheduler',
    },
    {
      managedFields: [
        {
          manager: 'kubectl-run',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': {} },
        },
      ],
    },
  );
}

test('a pod of today is admitted with its service account by a policy that lets secrets in, and kept without its field managers', async () => {
  const { body } = await ask('secrets', 'mutate', podOfToday());
  expect(body.response.auditAnnotations['admit-policy']).toBe('secrets');
  const { podDigest } = await getDecision(app.context, body.response.auditAnnotations.decision);
  const { rows } = await app.services.database.pool.query<{ content: string }>(
    'SELECT content FROM pod_contents WHERE digest = $1',
    [podDigest],
  );
  expect(rows[0]?.content).toContain('kube-api-access-x7k2p');
  expect(rows[0]?.content).not.toContain('kubectl-run');
});

test('a review of an update bears the object twice, and may be twice as large as what a client may send', async () => {
  const data = 'x'.repeat(BODY_LIMIT - 2_000);
  const large = (label: string) => admissionPod({}, { labels: { label }, annotations: { data } });
  const request = { operation: 'UPDATE', oldObject: large('before') };
  const { status, body } = await ask('pair', 'validate', large('after'), request);
  expect([status, body.response?.allowed]).toEqual([200, true]);
});
