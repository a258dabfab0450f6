import { PROBLEM_TYPES } from '../http/problem-types.js';
import { type ErrorCode, PodgateError } from '../model/errors.js';
import type { Refusal } from '../operations/access/refusals.js';
import type { AdmissionCluster } from '../operations/admission/admission-clusters.js';

/** Who calls with nothing that says who. */
const UNKNOWN_ACTOR = 'unknown';

/** What is noted of refusals whose message repeats what the caller has sent: a name, the value of a header. */
const FIXED_TEXTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  NOT_FOUND: 'There is no such cluster',
  UNSUPPORTED_MEDIA_TYPE: 'The media type, charset or encoding of the body is not supported',
};

/** A call of the webhook that got no answer. */
export interface RefusedCall {
  /** null where it isn't known who calls. */
  readonly actor: string | null;
  /** Finds the cluster in the path; null where there is none. */
  readonly findCluster: () => Promise<Pick<AdmissionCluster, 'id'> | null>;
}

/**
 * Notes a refused review, for the record of changes. What the caller can choose (names, positions) is left out, so that
 * there are few different ones however many come. What fails for Podgate's own reasons is no refusal.
 */
export async function noteRefused(
  { actor, findCluster }: RefusedCall,
  error: unknown,
  onRefused: (refusal: Refusal) => void,
): Promise<void> {
  if (!(error instanceof PodgateError) || PROBLEM_TYPES[error.code].status >= 500) return;
  const cluster = await findCluster().catch(() => null);
  onRefused({
    actor: actor ?? UNKNOWN_ACTOR,
    ...(cluster === null ? {} : { clusterId: cluster.id }),
    source: 'WEBHOOK',
    message: FIXED_TEXTS[error.code] ?? error.message,
  });
}
