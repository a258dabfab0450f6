import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { makeCertificate } from '../../src/cli/certificate/make-certificate.js';
import { compose } from '../../src/compose.js';
import { parseConfig } from '../../src/config.js';
import type { OperationContext } from '../../src/operations/context.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { contextOf } from '../support/operation-context.js';
import { recordedLogger } from '../support/run-record.js';

export const ADMIN_TOKEN = 'admin-token-of-the-tests-0123456789abcdef';
export const BODY_LIMIT = 200_000;
/** Of a review, in bytes. */
export const REVIEW_LIMIT = 2 * BODY_LIMIT + 64 * 1024;

/** An answer of the webhook. */
export interface WebhookAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- what the tests look into
  readonly body: any;
}

/** What differs from the defaults of these tests. */
interface Settings {
  readonly clientCa?: string;
  readonly journalLimit?: number;
}

/** With which a client identifies itself. */
interface ClientCertificate {
  readonly cert?: string;
  readonly key?: string;
}

/** The whole of Podgate with its webhook on a port of its own over TLS, with what it keeps in `folder`. */
export async function openWebhook(databaseUrl: string, folder: string, settings: Settings = {}) {
  const made = makeCertificate({ hosts: ['127.0.0.1', 'localhost'], notBefore: new Date(), days: 1 });
  const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  writeFileSync(cert, made.certificate);
  writeFileSync(key, made.key);
  const lines: string[] = [];
  const podgate = await compose(
    {
      ...parseConfig({}),
      port: 0,
      dataDir: folder,
      databaseUrl,
      adminToken: ADMIN_TOKEN,
      logLevel: 'debug',
      bodyLimit: BODY_LIMIT,
      publicUrl: 'https://podgate.example',
      webhook: {
        host: '127.0.0.1',
        port: 0,
        tls: { cert, key, clientCa: settings.clientCa ?? null },
        excludedNamespaces: ['kube-system'],
        journalLimit: settings.journalLimit ?? 64 * 1024 * 1024,
      },
    },
    recordedLogger('debug', (line) => void lines.push(line)),
  );
  await podgate.start();
  const address = podgate.webhookAddress() ?? '';
  return {
    ...podgate,
    folder,
    log: () => lines.join(''),
    /** Sends a body as an API server does, as administrator where no other header is given. */
    post: (
      path: string,
      body: unknown,
      headers: Readonly<Record<string, string>> = AUTHORIZED,
      client: ClientCertificate = {},
    ) =>
      post(
        `${address}${path}`,
        { ca: made.authority, ...client },
        typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
        headers,
      ),
  };
}

/** The same on a database and in a folder of the test file's own. */
export async function webhookApp() {
  const databaseUrl = await createDatabase(inject('templateDatabase'));
  const folder = mkdtempSync(join(tmpdir(), 'podgate-webhook-'));
  const podgate = await openWebhook(databaseUrl, folder);
  afterAll(async () => {
    await podgate.close();
    await dropDatabase(databaseUrl);
    rmSync(folder, { recursive: true });
  });
  const context: OperationContext = contextOf(podgate.services);
  return { ...podgate, context };
}

const AUTHORIZED = { Authorization: `Bearer ${ADMIN_TOKEN}` };

function post(
  url: string,
  tls: ClientCertificate & { readonly ca: string },
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', ...tls, headers: { 'Content-Type': 'application/json', ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
        });
      },
    );
    sent.on('error', reject).end(body);
  });
}

/** An AdmissionReview for a pod in namespace team-a, to be varied. */
export function podReview(pod: object, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: randomUUID(),
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: 'web',
      namespace: 'team-a',
      operation: 'CREATE',
      userInfo: { username: 'ann', groups: ['system:authenticated'] },
      object: pod,
      oldObject: null,
      dryRun: false,
      ...changes,
    },
  };
}

/** A pod as an API server sends it. */
export function admissionPod(spec: Readonly<Record<string, unknown>> = {}, metadata: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'team-a', creationTimestamp: null, ...metadata },
    spec: {
      containers: [{ name: 'main', image: 'busybox' }],
      serviceAccountName: 'default',
      securityContext: {},
      ...spec,
    },
    status: {},
  };
}

/** The operations of a patch in an answer; none where there is no patch. */
export function patchOf({ body }: WebhookAnswer) {
  const { patch } = body.response;
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
}
