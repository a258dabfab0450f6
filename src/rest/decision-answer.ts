import { z } from 'zod';
import { ADMISSION_MODES } from '../model/admission.js';
import type { Decision } from '../model/decision.js';
import type { PodSpec } from '../model/pod-spec.js';
import type { PodSpecOf } from '../operations/decisions/pod-specs-of-decisions.js';
import { DECISION } from './answer-examples.js';
import { answers } from './documentation.js';
import { candidateAnswer, decisionCode, patchAnswer, renderCandidate } from './evaluation-answer.js';
import { digestAnswer, idAnswer, instantAnswer } from './schemas.js';

const podSpecReference = z
  .object({
    id: idAnswer,
    namespace: z.string(),
    kind: z.string(),
    name: z.string(),
    revision: z.int().describe('Number of its newest revision.'),
  })
  .nullable()
  .describe("The stored workload of the object's namespace, kind and name, if there is one.");

/** A recorded decision, in the field names of GraphQL; a cluster, policy or version stands there by its name. */
export const decisionAnswer = z
  .object({
    id: idAnswer,
    cluster: z.string(),
    sequence: z
      .string()
      .regex(/^\d+$/)
      .describe("Position in the cluster's log: digits, from 1 without gaps."),
    decidedAt: instantAnswer,
    recordedAt: instantAnswer,
    source: z.enum(['REST', 'GRAPHQL', 'CLI', 'WEBHOOK']),
    actor: z.string().describe('Who asked for the evaluation.'),
    requester: z
      .object({
        user: z.string().nullable(),
        groups: z.array(z.string()),
        serviceAccount: z.string().nullable(),
        namespace: z.string(),
      })
      .describe('Whose rights to use policies were considered.'),
    operation: z.enum(['CREATE', 'UPDATE']),
    object: z.object({
      apiVersion: z.string(),
      kind: z.string(),
      namespace: z.string(),
      name: z.string(),
      podPath: z.string(),
    }),
    podDigest: digestAnswer.describe('Digest of the object, with values that may be secret masked.'),
    podSpec: podSpecReference,
    allowed: z.boolean(),
    code: decisionCode,
    policy: z.string().nullable().describe('The policy that admitted the pod.'),
    policyVersion: z.int().nullable(),
    reason: z.string(),
    candidates: z.array(candidateAnswer),
    patch: patchAnswer,
    warnings: z.array(z.string()),
    policySetDigest: digestAnswer,
    engineVersion: z.string(),
    admission: z
      .object({
        phase: z.enum(['MUTATE', 'VALIDATE']),
        mode: z.enum(ADMISSION_MODES).describe('In another mode than ENFORCE a denied pod was let through.'),
        offline: z.boolean().describe('Made with the last known policies while the database was away.'),
        mutateDecisionId: idAnswer
          .nullable()
          .describe(
            "The decision about the same creation's mutation; null where there is none or it is not known.",
          ),
      })
      .nullable()
      .describe("About the API server's request; null where something else asked."),
    durationMicros: z.int().describe('Time that the engine took, in microseconds.'),
  })
  .register(answers, { id: 'Decision', examples: [DECISION] });

/** A decision as it is answered. */
export function renderDecision(decision: Decision, podSpecOf: PodSpecOf): z.output<typeof decisionAnswer> {
  const { user, groups, serviceAccount, namespace } = decision.requester;
  const { apiVersion, kind, podPath } = decision.object;
  return {
    id: decision.id,
    cluster: decision.clusterName,
    sequence: String(decision.sequence),
    decidedAt: decision.decidedAt.toISOString(),
    recordedAt: decision.recordedAt.toISOString(),
    source: decision.source,
    actor: decision.actor,
    requester: { user, groups: [...groups], serviceAccount, namespace },
    operation: decision.operation,
    object: { apiVersion, kind, namespace: decision.object.namespace, name: decision.object.name, podPath },
    podDigest: decision.podDigest,
    podSpec: renderReference(podSpecOf(decision)),
    allowed: decision.allowed,
    code: decision.code,
    policy: decision.policyName,
    policyVersion: decision.policyVersion,
    reason: decision.reason,
    candidates: decision.candidates.map(renderCandidate),
    patch: [...decision.patch],
    warnings: [...decision.warnings],
    policySetDigest: decision.policySetDigest,
    engineVersion: decision.engineVersion,
    admission: decision.admission === null ? null : { ...decision.admission },
    durationMicros: decision.durationMicros,
  };
}

function renderReference(podSpec: PodSpec | undefined): z.output<typeof podSpecReference> {
  if (podSpec === undefined) return null;
  const { id, namespace, kind, name, latestRevision: revision } = podSpec;
  return { id, namespace, kind, name, revision };
}
