import type { Authenticate } from './access/authenticate.js';
import type { Config, WebhookConfig } from './config.js';
import type { FailedAttempts } from './http/failed-attempts.js';
import type { Job } from './jobs/repeat.js';
import type { Logger } from './observability/logger.js';
import type { Metrics } from './observability/metrics.js';
import { createAdmissionClusters } from './operations/admission/admission-clusters.js';
import { createMutateMemory } from './operations/admission/mutate-memory.js';
import type { Services } from './operations/context.js';
import { compileStored } from './operations/evaluation/compiled-set.js';
import { createWebhookApp } from './webhook/app.js';
import { createWebhookServer, type WebhookServer } from './webhook/server.js';

/** What the webhook shares with the rest of Podgate. */
export interface WebhookGround {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly services: Services;
  readonly authenticate: Authenticate;
  readonly failedAttempts: FailedAttempts;
}

/** The webhook, put together: its server, and what it wants done by the clock. */
export interface Webhook {
  readonly server: WebhookServer;
  readonly jobs: readonly Job[];
}

/** The part of the composition root that makes the admission webhook. */
export async function assembleWebhook(
  { bodyLimit, publicUrl }: Config,
  config: WebhookConfig,
  ground: WebhookGround,
): Promise<Webhook> {
  const { services, metrics } = ground;
  const app = createWebhookApp({
    ...ground,
    admission: {
      clusters: createAdmissionClusters(services.database, compileStored),
      mutated: createMutateMemory(() => performance.now()),
      excludedNamespaces: new Set(config.excludedNamespaces),
    },
    onFailure: metrics.countAuthenticationFailure,
    bodyLimit,
    publicUrl,
  });
  const server = await createWebhookServer(config, app);
  return {
    server,
    jobs: [{ name: 'webhook certificate', everySeconds: 10, run: () => server.reloadCertificate() }],
  };
}
