/**
 * `npm run --silent bench:service [-- SECONDS]`: evaluations of real pods over HTTP, each recorded before it is answered,
 * beside an Express handler that answers a constant and one that inserts a row each. Everything runs on this machine at
 * the same time: PostgreSQL, the server, the load. One JSON line a measurement.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.js';
import { parseJson, readLines } from '../test/conformance/json-lines.js';
import { closedLoop, type Measured, openLoop, post, type Target } from './load-generator.js';

const TOKEN = 'the-token-of-the-benchmark-0123456789';
const CONNECTIONS = [1, 16, 64];
const STEADY = { perSecond: 1_000, connections: 64, seconds: 10 };
const PODS = 500;

const seconds = Number(process.argv[2] ?? 5);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'podgate-bench-'));
chmodSync(dataDir, 0o755);
const postgres = await startEmbeddedPostgres({ dataDir });
const children: ChildProcess[] = [];
try {
  await measure();
} finally {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const pods = await readPods();
  const settings = {
    DATABASE_URL: postgres.url,
    PODGATE_PORT: '0',
    PODGATE_ADMIN_TOKEN: TOKEN,
    PODGATE_DATA_DIR: dataDir,
  };
  const base = await start('src/main.js', [], /listening on (\S+)$/m, {
    ...settings,
    PODGATE_LOG_LEVEL: 'warn',
  });
  // After the migration, which wants an empty database.
  const baseline = Number(await start('bench/baseline-server.js', [postgres.url], /^(\d+)$/m));
  await prepare(base);
  const to = (port: number, path: string): Target => ({
    port,
    requests: pods.map((pod) => post(path, pod, TOKEN)),
  });
  const targets = {
    constant: to(baseline, '/constant'),
    insert: to(baseline, '/insert'),
    podgate: to(Number(new URL(base).port), '/v1/clusters/bench/evaluate'),
  };
  for (const target of Object.values(targets)) await closedLoop(target, 16, 2);
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
  tell({
    target: 'podgate',
    steady: perSecond,
    ...(await openLoop(targets.podgate, connections, perSecond, steady)),
  });
}

/** Pods of the conformance cases, as JSON. */
async function readPods(): Promise<readonly string[]> {
  const pods: string[] = [];
  for await (const line of readLines(join(root, 'test/conformance/vectors/psp-open.ndjson.gz'))) {
    // A case of the vectors has a pod; see test/conformance/decode.ts.
    const { pod } = parseJson(line) as { readonly pod: object };
    pods.push(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod }));
    if (pods.length >= PODS) break;
  }
  return pods;
}

/** Three policies for everybody: one that forbids most, one in between, one that forbids little. */
async function prepare(base: string): Promise<void> {
  const any = { rule: 'RunAsAny' };
  const open = { runAsUser: any, fsGroup: any, supplementalGroups: any, seLinux: any, volumes: ['*'] };
  const baseline = { ...open, allowPrivilegeEscalation: true, hostPorts: [{ min: 0, max: 65_535 }] };
  const restricted = {
    ...open,
    runAsUser: { rule: 'MustRunAsNonRoot' },
    requiredDropCapabilities: ['ALL'],
    volumes: ['configMap', 'secret'],
  };
  const put = (path: string, body: object) =>
    fetch(`${base}/v1/${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
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
}

/** Starts a built program and gives what it says when it is ready. */
async function start(
  program: string,
  args: readonly string[],
  ready: RegExp,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'dist', program), ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    const match = ready.exec(said)?.[1];
    if (match !== undefined) return match;
  }
  throw new Error(`${program} ended before it was ready`);
}

function tell(line: Readonly<Record<string, unknown>>): void {
  const rounded = Object.entries(line).map(([key, value]) => [
    key,
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  ]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rounded))}\n`);
}
