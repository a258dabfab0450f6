/**
 * `npm run --silent bench:webhook`: sends reviews of pods to the admission webhook at a steady 200 a second over TLS,
 * every decision durable in the embedded server beside, and prints one JSON line with the latencies in milliseconds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../src/cli/certificate/make-certificate.js';
import { compose } from '../src/compose.js';
import { parseConfig } from '../src/config.js';
import { createLogger } from '../src/observability/logger.js';
import { assignPolicy } from '../src/operations/assignments/assign-policy.js';
import { createWebhookSecret } from '../src/operations/admission/webhook-secrets.js';
import { saveCluster } from '../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../src/operations/context.js';
import { savePolicy } from '../src/operations/policies/save-policy.js';

const RATE = 200;
const WARM_UP_SECONDS = 3;
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

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'podgate-bench-'));
  const made = makeCertificate({ hosts: ['127.0.0.1'], notBefore: new Date(), days: 1 });
  const tls = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), clientCa: null };
  writeFileSync(tls.cert, made.certificate);
  writeFileSync(tls.key, made.key);
  const config = parseConfig({
    PODGATE_PORT: '0',
    PODGATE_DATA_DIR: folder,
    PODGATE_WEBHOOK_HOST: '127.0.0.1',
    PODGATE_WEBHOOK_PORT: '0',
    PODGATE_WEBHOOK_CERT: tls.cert,
    PODGATE_WEBHOOK_KEY: tls.key,
  });
  const podgate = await compose(config, createLogger({ level: 'error' }));
  try {
    await podgate.start();
    const context: OperationContext = {
      principal: { actor: 'bench', tokenId: null, role: 'ADMIN', clusters: null },
      source: 'REST',
      requestId: 'bench',
      services: podgate.services,
    };
    await saveCluster(context, { name: 'bench' });
    await savePolicy(context, { name: null, text: JSON.stringify(POLICY), format: 'json' });
    const terms = { pinnedVersion: null, subjects: null, namespaces: null };
    await assignPolicy(context, { cluster: 'bench', policy: 'restricted', ...terms });
    const { secret } = await createWebhookSecret(context, 'bench');
    const url = `${podgate.webhookAddress() ?? ''}/admission/bench/~${secret}/mutate?timeout=10s`;
    const agent = new Agent({ keepAlive: true, ca: made.authority, maxSockets: 64 });
    await load(url, agent, WARM_UP_SECONDS);
    const latencies = (await load(url, agent, SECONDS)).toSorted((a, b) => a - b);
    agent.destroy();
    const at = (share: number) => Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2));
    const result = { reviews: latencies.length, perSecond: RATE, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    await podgate.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends at the times of a clock, whether the answers come or not; gives how long each took from its time on. */
async function load(url: string, agent: Agent, seconds: number): Promise<readonly number[]> {
  const start = performance.now();
  const answers: Promise<number>[] = [];
  for (let number = 0; number < RATE * seconds; number += 1) {
    const due = start + (number * 1000) / RATE;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    answers.push(ask(url, agent, review(number)).then(() => performance.now() - Math.max(due, start)));
  }
  return Promise.all(answers);
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

await main();
