/**
 * `npm run --silent bench:isolation`: how long the evaluation of a single pod takes on an idle server, and while another
 * client sends the largest allowed requests without pause. Starts the built server with a database of its own and
 * prints one JSON line, times in milliseconds.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOKEN = 'token-of-the-isolation-benchmark-0123456789';
const MAIN = join(import.meta.dirname, '..', 'src', 'main.js');
const LARGEST_BODY = 3 * 1024 * 1024;
const POLICIES = 10;
const SAMPLES = 300;

const deployment = (index: number) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  labels: {app: web}
  annotations:
    example.com/description: ${'a text as long as they usually are. '.repeat(8)}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: main
          image: registry.example.com/team/app:${index}
          ports: [{containerPort: 8080}]
          env: [{name: LEVEL, value: info}, {name: KEY, valueFrom: {secretKeyRef: {name: app, key: key}}}]
          resources: {limits: {cpu: 500m, memory: 256Mi}, requests: {cpu: 100m, memory: 128Mi}}
          securityContext: {privileged: false, runAsNonRoot: true}
`;
const pod = `apiVersion: v1
kind: Pod
metadata: {name: single}
spec: {containers: [{name: main, image: app}]}
`;
const policy = (name: string) => `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: ${name}}
spec:
  privileged: false
  runAsUser: {rule: MustRunAsNonRoot}
  seLinux: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  volumes: ['*']
`;

function largestBody(): string {
  const documents: string[] = [];
  for (let size = 0; ; ) {
    const next = deployment(documents.length);
    size += next.length + '---\n'.length;
    if (size > LARGEST_BODY) return documents.join('---\n');
    documents.push(next);
  }
}

async function call(base: string, method: string, path: string, body: string, type = 'application/yaml') {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type };
  const response = await fetch(base + path, { method, headers, body });
  const { byteLength } = await response.arrayBuffer();
  return { status: response.status, bytes: byteLength };
}

async function prepare(base: string): Promise<void> {
  await call(base, 'PUT', '/v1/clusters/prod', '{}', 'application/json');
  for (let index = 0; index < POLICIES; index += 1) {
    await call(base, 'PUT', `/v1/policies/p${index}`, policy(`p${index}`));
    await call(base, 'PUT', `/v1/clusters/prod/assignments/p${index}`, '{}', 'application/json');
  }
}

async function timeSingles(base: string, query: string): Promise<{ p50: number; p99: number; most: number }> {
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const begin = performance.now();
    const { status } = await call(base, 'POST', `/v1/clusters/prod/evaluate${query}`, pod);
    if (status !== 200) throw new Error(`a single pod's evaluation was answered with ${status}`);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round((times[Math.floor(share * (SAMPLES - 1))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

/** Sends the largest requests one after the other until it is aborted; how many were answered, by status. */
async function sendLargest(base: string, query: string, until: AbortSignal): Promise<Record<number, number>> {
  const body = largestBody();
  const answers: Record<number, number> = {};
  while (!until.aborted) {
    const { status } = await call(base, 'POST', `/v1/clusters/prod/evaluate${query}`, body);
    answers[status] = (answers[status] ?? 0) + 1;
  }
  return answers;
}

async function measure(base: string): Promise<void> {
  await prepare(base);
  for (const query of ['?dryRun=true', '']) {
    await timeSingles(base, query);
    const idle = await timeSingles(base, query);
    const end = new AbortController();
    const sending = sendLargest(base, query, end.signal);
    await timeSingles(base, query);
    const loaded = await timeSingles(base, query);
    end.abort();
    const largest = await sending;
    const result = { recorded: query === '', idle, loaded, ratio: loaded.p99 / idle.p99, largest };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'podgate-isolation-'));
const server = spawn(process.execPath, [MAIN], {
  env: {
    PATH: process.env['PATH'] ?? '',
    PODGATE_PORT: '0',
    PODGATE_DATA_DIR: dataDir,
    PODGATE_ADMIN_TOKEN: TOKEN,
    PODGATE_LOG_LEVEL: 'warn',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  for await (const chunk of server.stdout) {
    const base = /listening on (\S+)/.exec(String(chunk))?.[1];
    if (base === undefined) continue;
    await measure(base);
    break;
  }
} finally {
  const ended = new Promise((resolve) => server.once('close', resolve));
  server.kill('SIGTERM');
  await ended;
  await rm(dataDir, { recursive: true, force: true });
}
