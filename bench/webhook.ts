/**
 * `npm run --silent bench:webhook`: sends reviews of pods to the admission webhook at a steady 200 a second over TLS,
 * every decision durable in the embedded server beside, and prints one JSON line with the latencies in milliseconds.
 * Before that the same for an Express handler that inserts a row for each (bench/baseline-server.ts) over plain HTTP:
 * what this machine's disk, scheduling and load leave at the best.
 */
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from '../src/cli/certificate/make-certificate.js';
import { openLoop, post, steadily } from './load-generator.js';
import { type Processes, send, tell, TOKEN, withProcesses } from './processes.js';

const RATE = 200;
const CONNECTIONS = 64;
/** Time in which what runs all the time is compiled: a server runs for months. */
const WARM_UP_SECONDS = 15;
const SECONDS = 20;

const POLICY = {
  apiVersion: 'policy/v1beta1',
  kind: 'PodSecurityPolicy',
  metadata: { name: 'restricted' },
  spec: {
    allowPrivilegeEscalation: false,
    requiredDropCapabilities: ['ALL'],
    runAsUser: { rule: 'MustRunAsNonRoot' },
    seLinux: { rule: 'RunAsAny' },
    fsGroup: { rule: 'MustRunAs', ranges: [{ min: 1, max: 65_535 }] },
    supplementalGroups: { rule: 'MustRunAs', ranges: [{ min: 1, max: 65_535 }] },
    volumes: ['configMap', 'emptyDir', 'projected', 'secret', 'persistentVolumeClaim'],
  },
};

function review(number: number): string {
  const container = (name: string) => ({
    name,
    image: `registry.example/${name}:1.2.3`,
    env: Array.from({ length: 12 }, (_, index) => ({ name: `SETTING_${index}`, value: `value ${index}` })),
    resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m' } },
    volumeMounts: [{ name: 'config', mountPath: '/etc/app' }],
  });
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: { username: 'ann', groups: ['system:authenticated'] },
      object: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { generateName: 'web-', labels: { app: 'web', 'pod-template-hash': String(number) } },
        spec: {
          containers: [container('app'), container('sidecar')],
          volumes: [{ name: 'config', configMap: { name: 'web' } }],
          serviceAccountName: 'default',
          securityContext: {},
        },
      },
    },
  });
}

async function measure({ dataDir, startPodgate, startBaseline }: Processes): Promise<void> {
  const made = makeCertificate({ hosts: ['127.0.0.1'], notBefore: new Date(), days: 1 });
  const files = { cert: join(dataDir, 'tls.crt'), key: join(dataDir, 'tls.key') };
  writeFileSync(files.cert, made.certificate);
  writeFileSync(files.key, made.key);
  const port = await freePort();
  const base = await startPodgate({
    PODGATE_WEBHOOK_HOST: '127.0.0.1',
    PODGATE_WEBHOOK_PORT: String(port),
    PODGATE_WEBHOOK_CERT: files.cert,
    PODGATE_WEBHOOK_KEY: files.key,
  });
  await send(base, 'PUT', 'clusters/bench', {});
  await send(base, 'PUT', 'policies/restricted', POLICY);
  await send(base, 'PUT', 'clusters/bench/assignments/restricted', {});
  const { secret } = await send(base, 'POST', 'clusters/bench/webhook-secrets', {});
  const baseline = { port: await startBaseline(), requests: [post('/insert', review(0), TOKEN)] };
  await openLoop(baseline, CONNECTIONS, RATE, WARM_UP_SECONDS);
  const { p50, p95, p99 } = await openLoop(baseline, CONNECTIONS, RATE, SECONDS);
  tell({ target: 'insert', perSecond: RATE, p50, p95, p99 });
  const url = `https://127.0.0.1:${port}/admission/bench/~${String(secret)}/mutate?timeout=10s`;
  const agent = new Agent({ keepAlive: true, ca: made.authority, maxSockets: CONNECTIONS });
  const askOne = (number: number) => ask(url, agent, review(number));
  await steadily(RATE, WARM_UP_SECONDS, askOne);
  const latencies = (await steadily(RATE, SECONDS, askOne)).toSorted((a, b) => a - b);
  agent.destroy();
  const at = (share: number) => latencies[Math.floor(latencies.length * share)];
  const reviews = latencies.length;
  tell({ target: 'webhook', reviews, perSecond: RATE, p50: at(0.5), p95: at(0.95), p99: at(0.99) });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function ask(url: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { 'Content-Type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200 && text.includes('"allowed":true')) resolve();
          else reject(new Error(`${response.statusCode}: ${text}`));
        });
      },
    );
    sent.on('error', reject).end(body);
  });
}

await withProcesses(measure);
