/**
 * `npm run --silent bench:webhook`: sends reviews of pods to the admission webhook at a steady 200 a second over TLS,
 * every decision durable in the embedded server beside, and prints JSON lines with the latencies in milliseconds: of
 * mutations alone, and of 100 creations a second, each mutated and then validated as it then is.
 * Before that the same rate for an Express handler that inserts a row for each (bench/baseline-server.ts) over plain HTTP:
 * what this machine's disk, scheduling and load leave at the best.
 */
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from '../src/cli/certificate/make-certificate.js';
import { applyPatch, type JsonPatchOperation } from '../src/engine/index.js';
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

function podOf(number: number): object {
  const container = (name: string) => ({
    name,
    image: `registry.example/${name}:1.2.3`,
    env: Array.from({ length: 12 }, (_, index) => ({ name: `SETTING_${index}`, value: `value ${index}` })),
    resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m' } },
    volumeMounts: [{ name: 'config', mountPath: '/etc/app' }],
  });
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { generateName: 'web-', labels: { app: 'web', 'pod-template-hash': String(number) } },
    spec: {
      containers: [container('app'), container('sidecar')],
      volumes: [{ name: 'config', configMap: { name: 'web' } }],
      serviceAccountName: 'default',
      securityContext: {},
    },
  };
}

function review(number: number, object: object): string {
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
      object,
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
  const baseline = { port: await startBaseline(), requests: [post('/insert', review(0, podOf(0)), TOKEN)] };
  await openLoop(baseline, CONNECTIONS, RATE, WARM_UP_SECONDS);
  const { p50, p95, p99 } = await openLoop(baseline, CONNECTIONS, RATE, SECONDS);
  tell({ target: 'insert', perSecond: RATE, p50, p95, p99 });
  const url = (phase: 'mutate' | 'validate') =>
    `https://127.0.0.1:${port}/admission/bench/~${String(secret)}/${phase}?timeout=10s`;
  const agent = new Agent({ keepAlive: true, ca: made.authority, maxSockets: CONNECTIONS });
  let number = 0;
  const mutate = async () => {
    const pod = podOf((number += 1));
    return applyPatch(pod, patchOf(await ask(url('mutate'), agent, review(number, pod))));
  };
  await steadily(RATE, WARM_UP_SECONDS, async () => void (await mutate()));
  tellOf('mutate', await steadily(RATE, SECONDS, async () => void (await mutate())));
  const validations: number[] = [];
  const create = async () => {
    const pod = await mutate();
    const began = performance.now();
    await ask(url('validate'), agent, review(number, pod));
    validations.push(performance.now() - began);
  };
  await steadily(RATE / 2, WARM_UP_SECONDS, create);
  validations.length = 0;
  tellOf('mutate, then validate', await steadily(RATE / 2, SECONDS, create));
  tellOf('validate', validations);
  agent.destroy();
}

function tellOf(what: string, given: readonly number[]): void {
  const latencies = given.toSorted((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)];
  tell({ target: 'webhook', what, times: latencies.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) });
}

/** The operations in an answer. */
function patchOf(answer: string): readonly JsonPatchOperation[] {
  const { response } = JSON.parse(answer) as { readonly response: { readonly patch?: string } }; // it is a review's
  return JSON.parse(Buffer.from(response.patch ?? 'W10=', 'base64').toString());
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Gives the answer to a review. */
function ask(url: string, agent: Agent, body: string): Promise<string> {
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
          if (response.statusCode === 200 && text.includes('"allowed":true')) resolve(text);
          else reject(new Error(`${response.statusCode}: ${text}`));
        });
      },
    );
    sent.on('error', reject).end(body);
  });
}

await withProcesses(measure);
