import { z } from 'zod';
import { exactJson } from '../model/exact-json.js';
import type { DecisionCandidate } from '../model/decision.js';
import type { EvaluatedObject, EvaluationReport, EvaluationResult } from '../model/evaluation.js';
import { textInTurns } from '../model/turns.js';
import { REPORT } from './answer-examples.js';
import { answers, documentedAs } from './documentation.js';
import { fixAnswer, renderFix } from './fix-answer.js';
import { json, type Reply, stream } from './reply.js';
import { digestAnswer, idAnswer } from './schemas.js';

/** What the engine can say, as a code. */
export const DECISION_CODES = [
  'ADMITTED',
  'NO_POLICY_ASSIGNED',
  'NO_POLICY_USABLE',
  'NO_POLICY_SATISFIED',
] as const;

/** One of {@link DECISION_CODES}. */
export const decisionCode = z.enum(DECISION_CODES);

const violation = z
  .object({
    control: z.string().describe('The field of the PodSecurityPolicy that speaks against it.'),
    type: z.enum(['Invalid', 'Required', 'Forbidden', 'NotSupported', 'Duplicate', 'TooLong']),
    field: z.string().describe('The path that Kubernetes reports.'),
    container: z.string().nullable(),
    value: z.unknown(),
    message: z.string(),
  })
  .register(answers, { id: 'Violation' });

/** What a policy that was considered says to a pod. */
export const candidateAnswer = z
  .object({
    policy: z.string(),
    version: z.int().nullable().describe('null where the policies came with the request.'),
    outcome: z.enum(['ADMITTED', 'ADMITTED_NOT_CHOSEN', 'REJECTED', 'NOT_USABLE']),
    mutates: z.boolean(),
    unusable: z.string().optional().describe("Why the policy can't work at all."),
    violations: z.array(violation),
  })
  .register(answers, { id: 'Candidate' });

/** What the admitting policy changes in the object. */
export const patchAnswer = z
  .array(z.object({ op: z.enum(['add', 'replace']), path: z.string(), value: z.unknown() }))
  .describe('JSON Patch (RFC 6902) of the submitted object; of a List, of the item.');

const policyReference = z.object({ name: z.string(), version: z.int().nullable() }).nullable();

const evaluatedObject = z.object({
  document: z.int().describe('Number of the document in the request, from 0.'),
  item: z.int().nullable().optional().describe('Index in the `List` that the document is.'),
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  podPath: z.string().describe('Where the pod is in the object; empty for a Pod.'),
});

const decisionId = idAnswer.nullable();
documentedAs.add(decisionId, {
  type: ['string', 'null'],
  format: 'uuid',
  description: 'The recorded decision; null where nothing was recorded.',
});

const resultAnswer = z
  .object({
    object: evaluatedObject,
    decisionId,
    allowed: z.boolean(),
    code: decisionCode,
    policy: policyReference.describe('The policy that admits the pod.'),
    reason: z.string(),
    patch: patchAnswer,
    warnings: z.array(z.string()),
    candidates: z.array(candidateAnswer).describe('Every policy of the set, in byte order of the names.'),
    fixes: z
      .array(fixAnswer)
      .describe('How a denied pod could be admitted: one for each policy that rejects it.'),
  })
  .register(answers, { id: 'EvaluationResult' });

/** The answer of both evaluate routes. */
export const reportAnswer = z
  .object({
    allowed: z.boolean().describe('True when nothing was denied.'),
    cluster: z.string().nullable(),
    policySetDigest: digestAnswer,
    summary: z.object({
      documents: z.int(),
      evaluated: z.int(),
      admitted: z.int(),
      denied: z.int(),
      skipped: z.int().describe('Objects without a pod.'),
    }),
    results: z.array(resultAnswer),
  })
  .register(answers, { id: 'EvaluationReport', examples: [REPORT] });

/** Reports with more candidates than this are written bit by bit. */
const FEW_CANDIDATES = 200;

/** The answer with a report; a large one is written while it is sent, so that others needn't wait for it. */
export function reportReply(
  status: number,
  report: EvaluationReport,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  if (countCandidates(report) <= FEW_CANDIDATES) return json(status, renderReport(report), headers);
  return stream(status, 'application/json', textInTurns(reportPieces(report)), headers);
}

/** In how many places a report says what a policy says to a pod: what its length comes from. */
export function countCandidates({ results }: EvaluationReport): number {
  return results.reduce((count, { candidates }) => count + candidates.length, 0);
}

/** A report as it is answered. */
export function renderReport(report: EvaluationReport): z.output<typeof reportAnswer> {
  const { allowed, cluster, policySetDigest, summary, results } = report;
  return { allowed, cluster, policySetDigest, summary, results: results.map(renderResult) };
}

/** The JSON of {@link renderReport} in pieces, none of them larger than what one policy says to one pod. */
export function* reportPieces({ results, ...report }: EvaluationReport): Generator<string> {
  yield opened(renderReport({ ...report, results: [] }), 'results');
  for (const [index, result] of results.entries()) {
    if (index > 0) yield ',';
    yield opened(renderResult({ ...result, candidates: [], fixes: [] }), 'candidates');
    yield* listed(result.candidates, renderCandidate);
    yield '],"fixes":[';
    yield* listed(result.fixes, renderFix);
    yield ']}';
  }
  yield ']}';
}

/** The JSON of an object up to the empty list in which it ends, or ends but for `fixes`, left open. */
function opened(value: object, list: string): string {
  const text = exactJson(value);
  return text.slice(0, text.lastIndexOf(`"${list}":[`) + list.length + 4);
}

function* listed<T>(items: readonly T[], render: (item: T) => unknown): Generator<string> {
  for (const [index, item] of items.entries()) yield `${index > 0 ? ',' : ''}${exactJson(render(item))}`;
}

function renderResult(result: EvaluationResult): z.output<typeof resultAnswer> {
  const { object, decisionId, allowed, code, policy, reason, patch, warnings, candidates, fixes } = result;
  return {
    object: renderObject(object),
    decisionId,
    allowed,
    code,
    policy,
    reason,
    patch: [...patch],
    warnings: [...warnings],
    candidates: candidates.map(renderCandidate),
    fixes: fixes.map(renderFix),
  };
}

function renderObject(object: EvaluatedObject): z.output<typeof evaluatedObject> {
  const { document, item, apiVersion, kind, namespace, name, podPath } = object;
  return { document, ...(item === null ? {} : { item }), apiVersion, kind, namespace, name, podPath };
}

/** A candidate as it is answered, in evaluations and in decisions. */
export function renderCandidate(candidate: DecisionCandidate): z.output<typeof candidateAnswer> {
  const { policy, version, outcome, mutates, unusable, violations } = candidate;
  return {
    policy,
    version,
    outcome,
    mutates,
    ...(unusable === undefined ? {} : { unusable }),
    violations: violations.map(({ control, type, field, container, value, message }) => {
      return { control, type, field, container, value, message };
    }),
  };
}
