import { TLSSocket } from 'node:tls';
import type { Request } from 'express';
import type { FailedAttempts } from '../http/failed-attempts.js';
import { requestContext } from '../http/request-context.js';
import { noteWrongToken } from '../http/wrong-token.js';
import { PodgateError } from '../model/errors.js';
import type { Principal } from '../model/principal.js';
import type { AdmissionClusters } from '../operations/admission/admission-clusters.js';
import type { Deadline } from '../operations/admission/deadline.js';
import { identifyWebhook } from '../operations/admission/webhook-secrets.js';
import type { AuthenticateInTime } from './remember-callers.js';

/** What tells who calls. */
export interface CallerSources {
  readonly clusters: AdmissionClusters;
  readonly authenticate: AuthenticateInTime;
  readonly failedAttempts: FailedAttempts;
  /** Told of each refused caller, for the metrics. */
  readonly onFailure: () => void;
}

/**
 * Who calls the webhook: by the secret in its path, else by a client certificate of a known authority, else by a bearer
 * token. Throws UNAUTHENTICATED, and TOO_MANY_REQUESTS where an address guessed too often.
 */
export async function callerOf(
  request: Request,
  sources: CallerSources,
  path: { readonly cluster: string; readonly secretHash: string | null },
  deadline: Deadline,
): Promise<Principal> {
  const authorization = request.get('Authorization');
  try {
    if (path.secretHash !== null)
      return await identifyWebhook(sources.clusters, path.cluster, path.secretHash, deadline);
    return certified(request, path.cluster) ?? (await sources.authenticate(authorization, deadline));
  } catch (error) {
    const isRefused = error instanceof PodgateError && error.code === 'UNAUTHENTICATED';
    const isGuess = path.secretHash !== null || authorization !== undefined;
    if (!isRefused || !isGuess) throw error;
    const { failedAttempts, onFailure } = sources;
    const sinks = { failedAttempts, onFailure, logger: requestContext(request).logger };
    const wrong = {
      address: request.ip ?? '',
      authorization: path.secretHash === null ? (authorization ?? '') : null,
    };
    throw noteWrongToken(wrong, sinks) ?? error;
  }
}

/** The holder of a certificate that an authority of PODGATE_WEBHOOK_CLIENT_CA has signed, or null. */
function certified({ socket }: Request, cluster: string): Principal | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const { subject } = socket.getPeerCertificate();
  const name = [subject?.CN].flat()[0] ?? 'unnamed';
  return { actor: `certificate:${name}`, tokenId: null, role: 'EVALUATOR', clusters: [cluster] };
}
