/**
 * `npm run --silent bench:service [-- SECONDS]`: evaluations of real pods over HTTP, each recorded before it is answered,
 * beside an Express handler that answers a constant and one that inserts a row each. Everything runs on this machine at
 * the same time: PostgreSQL, the server, the load. One JSON line a measurement.
 */
import { join } from 'node:path';
import { parseJson, readLines } from '../test/conformance/json-lines.js';
import { closedLoop, type Measured, openLoop, post, type Target } from './load-generator.js';
import { type Processes, ROOT, send, tell, withProcesses } from './processes.js';

const CONNECTIONS = [1, 16, 64];
const STEADY = { perSecond: 1_000, connections: 64, seconds: 10 };
/** Time in which what runs all the time is compiled: a server runs for months. */
const WARM_UP = { connections: 64, seconds: 5 };
const PODS = 500;

const seconds = Number(process.argv[2] ?? 5);
await withProcesses(measure);

async function measure({ startPodgate, startBaseline }: Processes): Promise<void> {
  const pods = await readPods();
  const base = await startPodgate();
  const baseline = await startBaseline();
  const token = await prepare(base);
  const to = (port: number, path: string): Target => ({
    port,
    requests: pods.map((pod) => post(path, pod, token)),
  });
  const targets = {
    constant: to(baseline, '/constant'),
    insert: to(baseline, '/insert'),
    podgate: to(Number(new URL(base).port), '/v1/clusters/bench/evaluate'),
  };
  for (const target of Object.values(targets)) await closedLoop(target, WARM_UP.connections, WARM_UP.seconds);
  for (const connections of CONNECTIONS) {
    const results: Record<string, Measured> = {};
    for (const [name, target] of Object.entries(targets)) {
      results[name] = await closedLoop(target, connections, seconds);
      tell({ target: name, connections, ...results[name] });
    }
    const rate = (name: string) => results[name]?.perSecond ?? 0;
    tell({
      connections,
      'podgate / constant': rate('podgate') / rate('constant'),
      'podgate / insert': rate('podgate') / rate('insert'),
    });
  }
  const { perSecond, connections, seconds: steady } = STEADY;
  // The insert tells what disk and scheduling leave at the best.
  for (const target of ['insert', 'podgate'] as const) {
    const measured = await openLoop(targets[target], connections, perSecond, steady);
    tell({ target, steady: perSecond, ...measured });
  }
}

/** Pods of the conformance cases, as JSON. */
async function readPods(): Promise<readonly string[]> {
  const pods: string[] = [];
  for await (const line of readLines(join(ROOT, 'test/conformance/vectors/psp-open.ndjson.gz'))) {
    // A case of the vectors has a pod; see test/conformance/decode.ts.
    const { pod } = parseJson(line) as { readonly pod: object };
    pods.push(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod }));
    if (pods.length >= PODS) break;
  }
  return pods;
}

/**
 * Three policies for everybody: one that forbids most, one in between, one that forbids little. Gives a token of the kind
 * that a pipeline has: the administrator's isn't looked up in the database.
 */
async function prepare(base: string): Promise<string> {
  const any = { rule: 'RunAsAny' };
  const open = { runAsUser: any, fsGroup: any, supplementalGroups: any, seLinux: any, volumes: ['*'] };
  const baseline = { ...open, allowPrivilegeEscalation: true, hostPorts: [{ min: 0, max: 65_535 }] };
  const restricted = {
    ...open,
    runAsUser: { rule: 'MustRunAsNonRoot' },
    requiredDropCapabilities: ['ALL'],
    volumes: ['configMap', 'secret'],
  };
  const put = (path: string, body: object) => send(base, 'PUT', path, body);
  await put('clusters/bench', {});
  for (const [name, spec] of Object.entries({
    baseline,
    restricted,
    'web-only': { ...restricted, readOnlyRootFilesystem: true },
  })) {
    await put(`policies/${name}`, {
      apiVersion: 'policy/v1beta1',
      kind: 'PodSecurityPolicy',
      metadata: { name },
      spec,
    });
    await put(`clusters/bench/assignments/${name}`, {});
  }
  const { token } = await send(base, 'POST', 'tokens', { name: 'bench', role: 'EVALUATOR' });
  return String(token);
}
