/**
 * `npm run --silent bench:engine-scale`: what 1,000 policies cost beside 100, and the memory of 10,000 compiled policy
 * versions. Two JSON lines. The policies are made here, as teams have them: every
 * fifth has host paths of its own, the rest is of a few kinds.
 */
import {
  type CompiledPolicy,
  compilePolicy,
  compilePolicySet,
  evaluate,
  type Pod,
  patch,
  type PolicySet,
} from '../src/engine/index.js';

const EVALUATIONS = 500;
const ROUNDS = 41;
const WARM_UP = 10;
const VERSIONS = 10_000;

function policy(number: number): CompiledPolicy {
  const ranges = [{ min: number % 10, max: 1000 }];
  const result = compilePolicy({
    name: `p${number}`,
    annotations: { 'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*' },
    spec: {
      allowPrivilegeEscalation: false,
      requiredDropCapabilities: ['NET_RAW', 'SYS_CHROOT'],
      volumes: ['configMap', 'secret', 'emptyDir', 'hostPath'],
      allowedHostPaths: [
        { pathPrefix: number % 5 === 0 ? `/data/${number}` : '/data' },
        { pathPrefix: '/var/log', readOnly: true },
      ],
      runAsUser: { rule: 'MustRunAs', ranges },
      fsGroup: { rule: 'MustRunAs', ranges },
      supplementalGroups: { rule: 'RunAsAny' },
      seLinux: { rule: 'RunAsAny' },
    },
  });
  if (!result.ok) throw new Error('the policies of this bench are valid');
  return result.policy;
}

const pod: Pod = {
  metadata: { name: 'pod' },
  spec: {
    containers: [{ name: 'app', securityContext: { runAsUser: 500, capabilities: { drop: ['NET_RAW'] } } }],
    volumes: [{ name: 'log', hostPath: { path: '/data/77/log' } }],
  },
};

/** Microseconds of one evaluation. */
function timeEvaluation(set: PolicySet): number {
  let operations = 0;
  const start = performance.now();
  for (let i = 0; i < EVALUATIONS; i++) {
    operations += patch(evaluate(set, { pod, operation: 'CREATE', usable: () => true })).length;
  }
  const micros = ((performance.now() - start) * 1000) / EVALUATIONS;
  if (operations === 0) throw new Error('some policy changes the pod');
  return micros;
}

function setOf(policies: number): PolicySet {
  return compilePolicySet(Array.from({ length: policies }, (_, number) => policy(number)));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const sets = [setOf(100), setOf(1000)];
const times = sets.map((): number[] => []);
// In turn, so that both see the same machine.
for (let round = -WARM_UP; round < ROUNDS; round++) {
  sets.forEach((set, i) => {
    const micros = timeEvaluation(set);
    if (round >= 0) times[i]?.push(micros);
  });
}
const [hundred = Number.NaN, thousand = Number.NaN] = times.map(median);
console.log(
  JSON.stringify({
    microsOf100: Number(hundred.toFixed(1)),
    microsOf1000: Number(thousand.toFixed(1)),
    ratio: Number((thousand / hundred).toFixed(2)),
  }),
);

const before = process.memoryUsage().heapUsed;
const cache = Array.from({ length: VERSIONS }, (_, number) => policy(number));
const megabytes = (process.memoryUsage().heapUsed - before) / 2 ** 20;
console.log(JSON.stringify({ versions: cache.length, megabytes: Number(megabytes.toFixed(1)) }));
