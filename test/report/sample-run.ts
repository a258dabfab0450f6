import type { Violation } from '../../src/engine/index.js';
import { parseManifests } from '../../src/kubernetes/manifests.js';
import { type EvaluationResult, summarize } from '../../src/model/evaluation.js';
import type { EvaluatedFile, EvaluatedRun } from '../../src/report/evaluated-file.js';
import { locatorOf } from '../../src/report/locate.js';
import { editorOf } from '../../src/report/text-edits.js';

export const DEPLOYMENT = `# A web server
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    spec:
      hostNetwork: true
      containers:
        - name: nginx
          ports:
            - containerPort: 80
            - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  containers: [{name: api}]
`;

export const HOST_NETWORK: Violation = {
  control: 'hostNetwork',
  type: 'Invalid',
  field: 'spec.securityContext.hostNetwork',
  container: null,
  value: true,
  message: 'Host network is not allowed to be used',
};

const HOST_PORT: Violation = {
  control: 'hostPorts',
  type: 'Invalid',
  field: 'spec.containers[0].hostPort',
  container: 'nginx',
  value: 8080,
  message: 'Host port 8080 is not allowed to be used. Allowed ports: []',
};

const WEB = {
  document: 0,
  item: null,
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  podPath: 'spec.template',
};

/** The Deployment of {@link DEPLOYMENT}, denied by `restricted`; members can be replaced. */
export function deniedResult(change: Partial<EvaluationResult> = {}): EvaluationResult {
  return {
    object: WEB,
    decisionId: '01930000-0000-7000-8000-000000000001',
    allowed: false,
    code: 'NO_POLICY_SATISFIED',
    policy: null,
    reason: 'None of the policies that may be used admits the pod.',
    patch: [],
    warnings: [],
    candidates: [
      { policy: 'other', version: 1, outcome: 'NOT_USABLE', mutates: false, violations: [] },
      {
        policy: 'restricted',
        version: 4,
        outcome: 'REJECTED',
        mutates: true,
        violations: [HOST_NETWORK, HOST_PORT],
      },
    ],
    fixes: [],
    ...change,
  };
}

/** The Pod of {@link DEPLOYMENT}, admitted with a change, while another policy would have rejected it. */
export function admittedResult(change: Partial<EvaluationResult> = {}): EvaluationResult {
  return {
    object: { ...WEB, document: 2, apiVersion: 'v1', kind: 'Pod', name: 'api', podPath: '' },
    decisionId: null,
    allowed: true,
    code: 'ADMITTED',
    policy: { name: 'open', version: 2 },
    reason: 'open admits the pod.',
    patch: [{ op: 'add', path: '/spec/securityContext', value: { fsGroup: 2 } }],
    warnings: [],
    candidates: [
      { policy: 'open', version: 2, outcome: 'ADMITTED', mutates: true, violations: [] },
      { policy: 'strict', version: 1, outcome: 'REJECTED', mutates: false, violations: [HOST_NETWORK] },
    ],
    fixes: [],
    ...change,
  };
}

/** A file with these results; places are those of {@link DEPLOYMENT} unless another text is given. */
export function evaluatedFile(
  file: string,
  results: readonly EvaluationResult[],
  text = DEPLOYMENT,
): EvaluatedFile {
  const manifests = parseManifests(text, 'yaml');
  if (!manifests.ok) throw new Error('the sample must parse');
  const summary = summarize(results, manifests.documents.length - results.length);
  const report = {
    allowed: summary.denied === 0,
    cluster: 'prod',
    policySetDigest: `sha256:${'0'.repeat(64)}`,
    summary,
    results,
  };
  return { file, report, locate: locatorOf(manifests), suggest: editorOf(manifests) };
}

/** One file with a denied Deployment, a skipped Service and an admitted Pod. */
export function sampleRun(): EvaluatedRun {
  return {
    evaluated: [evaluatedFile('manifests/web.yaml', [deniedResult(), admittedResult()])],
    unreadable: [],
  };
}

/** A file that YAML can't read. */
export const BROKEN: EvaluatedRun = {
  evaluated: [],
  unreadable: [
    {
      file: 'charts/a.yaml',
      message: 'The manifests can not be read',
      problems: [{ message: 'unexpected end of the flow mapping', line: 7, column: 3 }],
    },
  ],
};
