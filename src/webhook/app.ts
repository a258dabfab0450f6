import express, { type Express, type Request, type RequestHandler } from 'express';
import { readBody } from '../http/body.js';
import { errorHandler, unknownRoute } from '../http/error-handler.js';
import { requestMediaType } from '../http/media-type.js';
import { requestContext } from '../http/request-context.js';
import { requestIdentity } from '../http/request-id.js';
import { requestLog } from '../http/request-log.js';
import { securityHeaders } from '../http/security-headers.js';
import { guardRequests } from '../http/request-guard.js';
import { readAdmissionReview } from '../kubernetes/admission-review.js';
import type { AdmissionPhase } from '../model/admission.js';
import { PodgateError } from '../model/errors.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { AdmissionServices } from '../operations/admission/context.js';
import { type Deadline, deadlineIn } from '../operations/admission/deadline.js';
import { reviewAdmission } from '../operations/admission/review-admission.js';
import { secretHashOf } from '../operations/admission/webhook-secrets.js';
import type { Services } from '../operations/context.js';
import { type CallerSources, callerOf } from './caller.js';
import { noteRefused } from './note-refused.js';
import { reviewAnswer } from './review-answer.js';
import { reviewTimeout } from './review-timeout.js';

/** What the webhook is made with. */
export interface WebhookParts extends Omit<CallerSources, 'clusters'> {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'observeRequest'>;
  readonly services: Services;
  readonly admission: AdmissionServices;
  /** Largest review in bytes. */
  readonly reviewLimit: number;
  /** The address of the REST API, without a slash at its end; null where it isn't known. */
  readonly publicUrl: string | null;
}

/**
 * The app that API servers call. Whatever goes wrong is answered with a status of 4xx or 5xx and a problem document,
 * which no API server takes for an admission: the webhook's `failurePolicy` decides then.
 */
export function createWebhookApp(parts: WebhookParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(requestIdentity(parts.logger), requestLog(parts.metrics), securityHeaders(), guardRequests());
  for (const [name, phase] of Object.entries(PHASES)) {
    app.post(`/admission/:cluster/${name}`, review(parts, phase, `/admission/{cluster}/${name}`));
    app.post(
      `/admission/:cluster/~:secret/${name}`,
      review(parts, phase, `/admission/{cluster}/~{secret}/${name}`),
    );
  }
  app.use(unknownRoute(), errorHandler());
  return app;
}

const PHASES: Readonly<Record<string, AdmissionPhase>> = { mutate: 'MUTATE', validate: 'VALIDATE' };

function review(parts: WebhookParts, phase: AdmissionPhase, route: string): RequestHandler {
  const { services, admission } = parts;
  return async (request, response) => {
    const attached = requestContext(request);
    attached.route = route;
    const { cluster, secret } = request.params;
    if (typeof cluster !== 'string' || Array.isArray(secret))
      throw new Error(`${route} has these parameters`);
    const secretHash = secret === undefined ? null : secretHashOf(secret);
    const deadline = deadlineIn(reviewTimeout(request.query['timeout']), () => performance.now());
    try {
      const body = await answerOf(parts, request, { cluster, secretHash, phase, deadline });
      response.type('application/json').send(body);
    } catch (error) {
      const findCluster = () => admission.clusters.recent(cluster, deadline);
      const actor = attached.principal?.actor ?? null;
      await noteRefused({ actor, findCluster }, error, services.onRefused);
      throw error;
    }
  };
}

/** What the path and the query say of a call. */
interface Call {
  readonly cluster: string;
  /** Of the secret in the path; null where there is none. */
  readonly secretHash: string | null;
  readonly phase: AdmissionPhase;
  readonly deadline: Deadline;
}

async function answerOf(
  parts: WebhookParts,
  request: Request,
  { cluster, secretHash, phase, deadline }: Call,
): Promise<string> {
  const { services, admission, reviewLimit } = parts;
  const attached = requestContext(request);
  const sources = { ...parts, clusters: admission.clusters };
  const principal = await callerOf(request, sources, { cluster, secretHash }, deadline);
  attached.principal = principal;
  requestMediaType(request, ['application/json']);
  const read = readAdmissionReview(await readBody(request, reviewLimit));
  if (!read.ok) {
    throw new PodgateError(read.code, 'This is no AdmissionReview that can be answered', {
      problems: read.problems,
    });
  }
  const verdict = await reviewAdmission(
    {
      principal,
      source: 'WEBHOOK',
      requestId: attached.requestId,
      services,
      admission,
      deadline,
      secretHash,
    },
    { cluster, phase, request: read.request },
  );
  return reviewAnswer(read, verdict, (id) => `${parts.publicUrl ?? ''}/v1/decisions/${id}`);
}
