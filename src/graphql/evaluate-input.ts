import type { EvaluateInput, EvaluatePodsInput } from '../generated/graphql/types.js';
import { exactJson } from '../model/exact-json.js';
import { invalid, PodgateError } from '../model/errors.js';
import type { EvaluationReport } from '../model/evaluation.js';
import type { OperationContext } from '../operations/context.js';
import { evaluateManifests } from '../operations/evaluation/evaluate-manifests.js';
import { evaluatePodSpecs } from '../operations/evaluation/evaluate-pod-specs.js';
import {
  IN_ARGUMENTS,
  readRequester,
  type RequesterInput,
} from '../operations/evaluation/requester-input.js';
import { formatOf } from './manifest-format.js';

type Input = Pick<EvaluatePodsInput, 'podSpecs'> & Omit<EvaluateInput, 'at'>;

/** Where an input can hold its pods; exactly one of them must be given. */
const SOURCES = ['podSpecs', 'manifests', 'objects'] as const;
type Source = (typeof SOURCES)[number];
/** The same where nothing is recorded, which is of no use for what is stored. */
const SUBMITTED: readonly Source[] = ['manifests', 'objects'];

/** Says what the policies in force now, or at a moment, say to the pods of the input, and records nothing. */
export async function simulate(context: OperationContext, input: EvaluateInput): Promise<EvaluationReport> {
  const source = sourceOf(input, SUBMITTED);
  return evaluateSubmitted(context, input, source, { at: input.at ?? null, dryRun: true });
}

/** Evaluates the stored or submitted pods of the input and records a decision for each. */
export async function evaluateAndRecord(
  context: OperationContext,
  input: EvaluatePodsInput,
): Promise<EvaluationReport> {
  const { cluster, podSpecs } = input;
  const source = sourceOf(input, SOURCES);
  if (source === 'podSpecs') {
    return evaluatePodSpecs(context, { cluster, podSpecs: podSpecs ?? [], ...requesterOf(input) });
  }
  return evaluateSubmitted(context, input, source, { at: null, dryRun: false });
}

/** The member of the input in which its pods are; throws INVALID unless it is exactly one. */
function sourceOf(input: Input, possible: readonly Source[]): Source {
  const [source, ...others] = possible.filter((member) => (input[member] ?? null) !== null);
  if (source !== undefined && others.length === 0) return source;
  const message = `exactly one of ${possible.join(', ')} must be given`;
  throw invalid('Exactly one source of pods must be given', [{ message, pointer: 'manifests' }]);
}

async function evaluateSubmitted(
  context: OperationContext,
  input: Input,
  source: Source,
  when: { readonly at: Date | null; readonly dryRun: boolean },
): Promise<EvaluationReport> {
  const { cluster } = input;
  const requester = requesterOf(input);
  if (source === 'objects') {
    const body = exactJson(input.objects);
    const evaluating = evaluateManifests(context, { cluster, body, format: 'json', ...requester, ...when });
    return evaluating.catch(withoutPositions);
  }
  const body = input.manifests ?? '';
  return evaluateManifests(context, { cluster, body, format: formatOf(body), ...requester, ...when });
}

function requesterOf(input: Input): RequesterInput {
  const { namespace, user = null, groups, serviceAccount = null } = input;
  const given = { namespace: namespace ?? 'default', user, groups: groups ?? [], serviceAccount };
  return readRequester(given, IN_ARGUMENTS);
}

/** Objects are put into a text that the client never sees, so lines and columns in it would tell him nothing. */
function withoutPositions(error: unknown): never {
  if (!(error instanceof PodgateError)) throw error;
  const problems = error.problems.map(({ line: _line, column: _column, ...problem }) => problem);
  throw new PodgateError(error.code, error.message, { problems, cause: error });
}
