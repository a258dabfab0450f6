import { RESTRICTED_POLICY } from './examples.js';

/** What answers look like; a test holds each example to its schema. */

const EARLIER = '2026-03-01T12:00:00.000Z';
const LATER = '2026-03-02T09:30:00.000Z';
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

/** A cluster. */
export const CLUSTER = {
  name: 'prod-eu',
  displayName: 'Production, Europe',
  kubernetesVersion: '1.24',
  retention: null,
  addServiceAccountVolume: false,
  mode: 'ENFORCE',
  namespaceModes: [{ namespace: 'sandbox-*', mode: 'WARN' }],
  mutateAlways: false,
  onUnavailable: 'DENY',
  createdAt: EARLIER,
  updatedAt: LATER,
};

/** A version of a policy. */
export const POLICY_VERSION = {
  version: 4,
  digest: digest('a'),
  message: 'No root any more',
  author: 'token:platform-team',
  createdAt: LATER,
  restoredFrom: null,
  spec: RESTRICTED_POLICY.json.spec,
};

/** A policy without its versions. */
export const POLICY = { name: 'restricted', kind: 'PodSecurityPolicy', archivedAt: null, ...POLICY_VERSION };

/** A policy as lists have it. */
export const POLICY_SUMMARY = {
  name: 'restricted',
  kind: 'PodSecurityPolicy',
  version: 4,
  archivedAt: null,
  createdAt: EARLIER,
};

const TERMS = {
  subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'ci' }],
  namespaces: ['shop', 'blog'],
};

/** An assignment. */
export const ASSIGNMENT = {
  id: '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c12',
  cluster: 'prod-eu',
  policy: 'restricted',
  version: null,
  ...TERMS,
  validFrom: LATER,
  createdBy: 'token:platform-team',
};

/** What is in force in a cluster. */
export const POLICY_SET = {
  cluster: 'prod-eu',
  at: LATER,
  digest: digest('b'),
  policies: [
    {
      name: 'restricted',
      version: 4,
      digest: digest('a'),
      pinnedVersion: null,
      ...TERMS,
      spec: RESTRICTED_POLICY.json.spec,
    },
  ],
  admission: {
    mode: 'WARN',
    namespaceModes: [{ namespace: 'shop', mode: 'ENFORCE' }],
    mutateAlways: false,
    onUnavailable: 'DENY',
  },
};

const CANDIDATES = [
  {
    policy: 'restricted',
    version: 4,
    outcome: 'REJECTED',
    mutates: true,
    violations: [
      {
        control: 'hostNetwork',
        type: 'Invalid',
        field: 'spec.securityContext.hostNetwork',
        container: null,
        value: true,
        message: 'Host network is not allowed to be used',
      },
    ],
  },
];

const FIXES = [
  {
    policy: 'restricted',
    patch: [{ op: 'remove', path: '/spec/template/spec/hostNetwork' }],
    choices: [],
    impossible: null,
  },
];

const OBJECT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  podPath: 'spec.template',
};
const DECISION_ID = '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c11';
const REASON = 'none of the usable policies admits the pod';

/** The answer of an evaluation. */
export const REPORT = {
  allowed: false,
  cluster: 'prod-eu',
  policySetDigest: digest('b'),
  summary: { documents: 1, evaluated: 1, admitted: 0, denied: 1, skipped: 0 },
  results: [
    {
      object: { document: 0, ...OBJECT },
      decisionId: DECISION_ID,
      allowed: false,
      code: 'NO_POLICY_SATISFIED',
      policy: null,
      reason: REASON,
      patch: [],
      warnings: [],
      candidates: CANDIDATES,
      fixes: FIXES,
    },
  ],
};

/** A recorded decision. */
export const DECISION = {
  id: DECISION_ID,
  cluster: 'prod-eu',
  sequence: '1742',
  decidedAt: LATER,
  recordedAt: LATER,
  source: 'REST',
  actor: 'token:ci-frontend',
  requester: { user: null, groups: [], serviceAccount: 'default', namespace: 'shop' },
  operation: 'CREATE',
  object: OBJECT,
  podDigest: digest('c'),
  podSpec: {
    id: '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c14',
    namespace: 'shop',
    kind: 'Deployment',
    name: 'web',
    revision: 2,
  },
  allowed: false,
  code: 'NO_POLICY_SATISFIED',
  policy: null,
  policyVersion: null,
  reason: REASON,
  candidates: CANDIDATES,
  patch: [],
  warnings: [],
  policySetDigest: digest('b'),
  engineVersion: '1.0.0',
  admission: null,
  durationMicros: 42,
};

/** A token without its secret. */
export const TOKEN = {
  id: '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c13',
  name: 'ci-frontend',
  role: 'EVALUATOR',
  clusters: ['prod-eu'],
  createdBy: 'admin',
  createdAt: EARLIER,
  expiresAt: null,
  lastUsedAt: LATER,
  revokedAt: null,
};

/** A stored workload. */
export const POD_SPEC = {
  id: '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c14',
  cluster: 'prod-eu',
  namespace: 'shop',
  kind: 'Deployment',
  name: 'web',
  revision: 2,
  createdAt: EARLIER,
  lastDecision: null,
};
