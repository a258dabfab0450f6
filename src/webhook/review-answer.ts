import { exactJson } from '../model/exact-json.js';
import type { AdmissionReview } from '../kubernetes/admission-review.js';
import type { AdmissionVerdict } from '../operations/admission/review-admission.js';

/** The API server cuts longer warnings, and those beyond 4096 characters altogether. */
const LONGEST_WARNING = 256;
const LONGEST_WARNINGS = 4096;

/** The body of the answer to a review: an AdmissionReview of the same version. */
export function reviewAnswer(
  { apiVersion, request }: AdmissionReview,
  verdict: AdmissionVerdict,
  decisionAddress: (id: string) => string,
): string {
  const { allowed, decisionId, patch, auditAnnotations } = verdict;
  const see = decisionId === null ? '' : `\nsee why: ${decisionAddress(decisionId)}`;
  const warnings = fitting(verdict.warnings);
  return exactJson({
    kind: 'AdmissionReview',
    apiVersion,
    response: {
      uid: request.uid,
      allowed,
      ...(allowed
        ? {}
        : {
            status: {
              status: 'Failure',
              message: `${verdict.message ?? 'refused'}${see}`,
              reason: 'Forbidden',
              code: 403,
            },
          }),
      ...(patch.length === 0
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(exactJson(patch)).toString('base64') }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(Object.keys(auditAnnotations).length === 0 ? {} : { auditAnnotations }),
    },
  });
}

function fitting(warnings: readonly string[]): readonly string[] {
  let room = LONGEST_WARNINGS;
  return warnings.flatMap((warning) => {
    const text = warning.replaceAll(/\p{Cc}/gu, ' ');
    const cut = text.length > LONGEST_WARNING ? `${text.slice(0, LONGEST_WARNING - 1)}…` : text;
    room -= cut.length;
    return room < 0 ? [] : [cut];
  });
}
