import { describe, expect, it } from 'vitest';
import {
  admittedPod,
  type CompiledPolicy,
  compilePolicy,
  compilePolicySet,
  type Evaluation,
  type EvaluationRequest,
  evaluate,
  forbiddenMessage,
  type Pod,
  patch,
  type PodSecurityPolicySpec,
  TooManyViolations,
} from '../../src/engine/index.js';
import { ALLOW_ALL, ALLOW_ALL_ANNOTATIONS, podWith } from './controls/control-case.js';

function policy(name: string, spec: PodSecurityPolicySpec = {}): CompiledPolicy {
  const result = compilePolicy({ name, annotations: ALLOW_ALL_ANNOTATIONS, spec: { ...ALLOW_ALL, ...spec } });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
}

const broken = (name: string) =>
  policy(name, { runAsUser: { rule: 'MustRunAs' }, seLinux: { rule: 'MustRunAs' } });
const changing = (name: string) => policy(name, { readOnlyRootFilesystem: true });
const refusing = (name: string) => policy(name, { hostNetwork: false });

function decide(policies: readonly CompiledPolicy[], request: Partial<EvaluationRequest> = {}): Evaluation {
  const pod = podWith({}, { hostNetwork: true });
  return evaluate(compilePolicySet(policies), { pod, operation: 'CREATE', usable: () => true, ...request });
}

describe('the choice of a policy', () => {
  it('takes the first by name of those that admit the pod unchanged, before any that would change it', () => {
    const evaluation = decide([policy('c'), changing('a'), policy('b'), refusing('0')]);
    expect(evaluation).toMatchObject({ allowed: true, code: 'ADMITTED', policy: 'b', examined: true });
    expect(evaluation.reason).toBe('admits the pod unchanged; first by name among 2 that do');
    expect(
      evaluation.candidates.map(({ policy: name, outcome, mutates }) => [name, outcome, mutates]),
    ).toEqual([
      ['0', 'REJECTED', false],
      ['a', 'ADMITTED_NOT_CHOSEN', true],
      ['b', 'ADMITTED', false],
      ['c', 'ADMITTED_NOT_CHOSEN', false],
    ]);
    expect(patch(evaluation)).toEqual([]);
  });

  it('tells what a policy would change that was not chosen', () => {
    const path = '/spec/containers/0/securityContext';
    const evaluation = decide([policy('b'), changing('a')]);
    expect(evaluation.reason).toBe('admits the pod unchanged; the only one that does');
    expect(patch(evaluation, 'a')).toEqual([{ op: 'add', path, value: { readOnlyRootFilesystem: true } }]);
  });

  it('takes the first by name of those that change the pod where none admits it unchanged', () => {
    const evaluation = decide([changing('b'), changing('a'), refusing('0')]);
    expect(evaluation.policy).toBe('a');
    expect(evaluation.reason).toBe(
      'no policy admits it unchanged; first by name that admits it with changes',
    );
    expect(admittedPod(evaluation).spec?.containers).toEqual([
      { name: 'app', securityContext: { readOnlyRootFilesystem: true } },
    ]);
  });

  it.each<[string, readonly CompiledPolicy[], (name: string) => boolean, string, string, string]>([
    [
      'without policies',
      [],
      () => true,
      'NO_POLICY_ASSIGNED',
      'no policy is assigned',
      'no providers available to validate pod request',
    ],
    [
      'without one that the subjects may use',
      [policy('a'), refusing('b')],
      () => false,
      'NO_POLICY_USABLE',
      'none of the 2 policies is usable for this pod',
      'unable to admit pod: []',
    ],
    [
      'with broken policies only',
      [broken('a')],
      () => true,
      'NO_POLICY_USABLE',
      'the only policy is not usable for this pod',
      'no providers available to validate pod request',
    ],
    [
      'where all usable ones refuse',
      [refusing('a'), refusing('b'), policy('c')],
      (name) => name !== 'c',
      'NO_POLICY_SATISFIED',
      'none of the 2 usable policies admits the pod',
      'unable to admit pod: [spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used]',
    ],
  ])('denies %s', (_when, policies, usable, code, reason, message) => {
    const evaluation = decide(policies, { usable });
    expect(evaluation).toMatchObject({ allowed: false, code, policy: null, reason });
    expect(forbiddenMessage(evaluation)).toBe(`pods "pod" is forbidden: PodSecurityPolicy: ${message}`);
    expect(patch(evaluation)).toEqual([]);
  });

  it('lists no violations of policies that are not usable, and says why one cannot work', () => {
    const { candidates } = decide([broken('a'), refusing('b')], { usable: (name) => name !== 'b' });
    expect(candidates).toEqual([
      {
        policy: 'a',
        outcome: 'NOT_USABLE',
        mutates: false,
        unusable: '[MustRunAs requires at least one range, MustRunAs requires SELinuxOptions]',
        violations: [],
      },
      { policy: 'b', outcome: 'NOT_USABLE', mutates: false, violations: [] },
    ]);
  });

  it.each<[string, Pod, string | undefined, string]>([
    ['the request', podWith({}), 'given', 'given'],
    ['the pod', podWith({}), undefined, 'pod'],
    ['what its name will be made of', { metadata: { generateName: 'web-' } }, undefined, 'web-'],
    ['nobody', {}, undefined, 'Unknown'],
  ])('names the pod in the message by %s', (_whom, pod, name, printed) => {
    expect(forbiddenMessage(decide([], { pod, name }))).toContain(`pods "${printed}" is forbidden`);
  });
});

describe('many policies whose demands have something in common', () => {
  it('are each asked by what they demand themselves: a path that only some let be written to', () => {
    const allowing = (position: number) => [
      { pathPrefix: '/data', readOnly: position % 2 === 1 },
      { pathPrefix: `/own-${position}` },
    ];
    const policies = Array.from({ length: 20 }, (_, position) =>
      policy(`p${10 + position}`, { allowedHostPaths: allowing(position) }),
    );
    const volumes = [{ name: 'data', hostPath: { path: '/data' } }];
    const decided = decide(policies, { pod: podWith({ volumeMounts: [{ name: 'data' }] }, { volumes }) });
    expect(decided.candidates.map(({ violations }) => violations.map(({ message }) => message))).toEqual(
      policies.map((_, position) => (position % 2 === 1 ? ['must be read-only'] : [])),
    );
  });
});

describe('an update', () => {
  const stored = podWith({}, { hostNetwork: true });
  const pod = { ...stored, metadata: { name: 'pod', labels: { a: 'b' } } };
  const update = { operation: 'UPDATE', oldPod: stored, pod } as const;

  it('may not be changed: a policy that would have to is refused without a violation', () => {
    const evaluation = decide([changing('a')], update);
    expect(evaluation.candidates).toEqual([
      { policy: 'a', outcome: 'REJECTED', mutates: true, violations: [] },
    ]);
    expect(forbiddenMessage(evaluation)).toBe(
      'pods "pod" is forbidden: PodSecurityPolicy: unable to validate pod: []',
    );
  });

  it('prefers the policy that its annotation names', () => {
    const hinted = { ...pod, metadata: { ...pod.metadata, annotations: { 'kubernetes.io/psp': 'b' } } };
    const evaluation = decide([policy('a'), policy('b')], { ...update, pod: hinted });
    expect(evaluation.policy).toBe('b');
    expect(evaluation.reason).toBe('admits the pod unchanged; named by its annotation kubernetes.io/psp');
    expect(decide([policy('a'), policy('b')], { pod: hinted }).policy).toBe('a');
  });

  it('passes unseen where it changes nothing, candidates told all the same', () => {
    const evaluation = decide([refusing('a')], { ...update, pod: stored });
    expect(evaluation).toMatchObject({ allowed: true, policy: null, examined: false });
    expect(evaluation.candidates[0]?.outcome).toBe('REJECTED');
    expect(patch(evaluation)).toEqual([]);
  });

  it('is judged where the stored pod is not known', () => {
    expect(decide([refusing('a')], { operation: 'UPDATE', pod: stored }).allowed).toBe(false);
  });
});

describe('subresources and ephemeral containers', () => {
  const off = { procMountType: true, genericEphemeralVolume: true, ephemeralContainers: false };
  const pod = podWith(
    {},
    { ephemeralContainers: [{ name: 'debug', securityContext: { privileged: true } }] },
  );
  const policies = [policy('a', { privileged: false })];

  it('lets subresources pass unseen', () => {
    const evaluation = decide([], { subresource: 'status' });
    expect(evaluation).toMatchObject({ allowed: true, examined: false });
    expect(evaluation.reason).toBe('PodSecurityPolicy does not look at the subresource status');
  });

  it('judges ephemeral containers and the subresource that adds them with the gate, and neither without it', () => {
    const adding = { pod, operation: 'UPDATE', subresource: 'ephemeralcontainers' } as const;
    expect(decide(policies, { pod }).allowed).toBe(false);
    expect(decide(policies, adding).allowed).toBe(false);
    expect(decide(policies, { pod, gates: off }).allowed).toBe(true);
    expect(decide(policies, { ...adding, gates: off })).toMatchObject({ allowed: true, examined: false });
  });

  it('fills in ephemeral containers that it does not judge when a pod is created, and drops them from an update', () => {
    const demanding = [policy('a', { privileged: false, readOnlyRootFilesystem: true })];
    expect(patch(decide(demanding, { pod, gates: off }))).toContainEqual({
      op: 'add',
      path: '/spec/ephemeralContainers/0/securityContext/readOnlyRootFilesystem',
      value: true,
    });
    const readOnly = { securityContext: { readOnlyRootFilesystem: true } };
    const updated = podWith(readOnly, { ephemeralContainers: [{ name: 'debug' }] });
    expect(decide(demanding, { pod: updated, operation: 'UPDATE', gates: off }).policy).toBe('a');
  });
});

it('is refused an evaluation that it did not make', () => {
  expect(() => patch({ ...decide([policy('a')]) })).toThrow(TypeError);
});

it('has no patch of a policy that cannot work, nor of one that is not there', () => {
  const evaluation = decide([broken('a'), policy('b')]);
  expect(patch(evaluation, 'a')).toEqual([]);
  expect(patch(evaluation, 'z')).toEqual([]);
});

describe('newer fields that are left alone', () => {
  const claims = [{ name: 'gpu', resourceClaimName: 'gpu' }];
  const key = { fileKeyRef: { volumeName: 'settings', path: 'env', key: 'A' } };
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }];
  const claimTemplate = { spec: { dataSourceRef: { kind: 'Snapshot', name: 's', namespace: 'other' } } };

  it.each<[string, { readonly spec?: object; readonly context?: object; readonly container?: object }]>([
    ['hostUsers: false', { spec: { hostUsers: false } }],
    ['hostUsers: true', { spec: { hostUsers: true } }],
    ['os.name: windows', { spec: { os: { name: 'windows' } } }],
    ['resourceClaims', { spec: { resourceClaims: claims }, container: { resources: { claims } } }],
    ['pod-level resources', { spec: { resources: { limits: { cpu: '1' } } } }],
    ['schedulingGates', { spec: { schedulingGates: [{ name: 'example.com/gate' }] } }],
    ['hostnameOverride', { spec: { hostnameOverride: 'db.example.com' } }],
    ['supplementalGroupsPolicy', { context: { supplementalGroupsPolicy: 'Strict' } }],
    ['seLinuxChangePolicy', { context: { seLinuxChangePolicy: 'Recursive' } }],
    [
      'resizePolicy',
      { container: { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] } },
    ],
    ['restartPolicyRules', { container: { restartPolicy: 'Never', restartPolicyRules: rules } }],
    ['stopSignal and sleep', { container: { lifecycle: { stopSignal: 'SIGTERM', preStop: { sleep: {} } } } }],
    ['grpc probes', { container: { livenessProbe: { grpc: { port: 1 } } } }],
    ['fileKeyRef', { container: { env: [{ name: 'A', valueFrom: key }] } }],
    ['the data source of an ephemeral volume', { spec: { volumes: [ephemeral(claimTemplate)] } }],
  ])('neither widens nor narrows what a pod may do: %s', (_field, { spec, context, container }) => {
    const volumes = [ephemeral({ spec: {} })];
    const pod = (members: object, inner: object, own: object) => {
      const containers = [{ name: 'main', ...own }];
      return podWith({}, { hostNetwork: true, volumes, containers, securityContext: inner, ...members });
    };
    const plain = decide([refusing('a'), changing('b')], { pod: pod({}, {}, {}) });
    const newer = decide([refusing('a'), changing('b')], {
      pod: pod(spec ?? {}, context ?? {}, container ?? {}),
    });
    expect(newer.candidates).toEqual(plain.candidates);
    expect(patch(newer)).toEqual(patch(plain));
  });

  function ephemeral(volumeClaimTemplate: object): object {
    return { name: 'data', ephemeral: { volumeClaimTemplate } };
  }
});

describe('the violations of an evaluation', () => {
  const policies = [refusing('a'), refusing('b'), policy('c')];

  it.each([undefined, 2, Number.POSITIVE_INFINITY])(
    'are all listed where %s are allowed',
    (mostViolations) => {
      const { candidates } = decide(policies, { mostViolations });
      expect(candidates.map(({ violations }) => violations.length)).toEqual([1, 1, 0]);
    },
  );

  it('end it where there are more than are allowed, usable or not', () => {
    const request = { mostViolations: 1, usable: (name: string) => name === 'c' };
    expect(() => decide(policies, request)).toThrow(TooManyViolations);
  });
});

describe('many policies with very long lists', () => {
  const LONG = 300;
  const NUMBERS = Array.from({ length: LONG }, (_, index) => index + 1);
  const ids = (own: number) => ({
    rule: 'MustRunAs',
    ranges: [...NUMBERS, own].map((id) => ({ min: id * 10, max: id * 10 })),
  });
  const policies = Array.from({ length: 12 }, (_, index) => {
    const own = 1_000 + index;
    return policy(`p${index}`, {
      runAsUser: ids(own),
      supplementalGroups: ids(own),
      hostPorts: [...NUMBERS, own].map((port) => ({ min: port, max: port })),
      allowedHostPaths: [...NUMBERS, own].map((each) => ({
        pathPrefix: `/p${each}`,
        readOnly: index % 2 === 0,
      })),
      allowedCapabilities: [...NUMBERS, own].map((each) => `C${each}`),
      allowedUnsafeSysctls: [...NUMBERS, own].map((each) => `net.a${each}`),
      forbiddenSysctls: [...NUMBERS, own].map((each) => `net.b${each}`),
    });
  });

  it.each([1, 99, 250, 300, 1_003, 2_000])('decide together as each by itself: number %i', (number) => {
    const pod = podWith(
      {
        ports: [{ containerPort: 1, hostPort: number }],
        securityContext: { runAsUser: number * 10, capabilities: { add: [`C${number}`] } },
      },
      {
        securityContext: {
          supplementalGroups: [number * 10],
          sysctls: [{ name: `net.a${number}`, value: '1' }],
        },
        volumes: [{ name: 'v', hostPath: { path: `/p${number}/x` } }],
      },
    );
    const alone = policies.map((one) => decide([one], { pod }).candidates[0]?.violations);
    const together = decide(policies, { pod }).candidates;
    for (const [index, { name }] of policies.entries()) {
      expect(together.find(({ policy: each }) => each === name)?.violations).toEqual(alone[index]);
    }
    expect(new Set(alone.map((each) => each?.length)).size).toBe(number === 1_003 ? 2 : 1);
  });
});
