import { authorize } from '../../access/authorize.js';
import type { JsonValue } from '../../engine/index.js';
import { flattenLists, type ManifestDocument, type NoObject } from '../../kubernetes/list-items.js';
import type { Subject } from '../../model/assignment.js';
import { invalid, type InputProblem, MOST_PROBLEMS, PodgateError } from '../../model/errors.js';
import type { EvaluationReport } from '../../model/evaluation.js';
import { mapInTurns } from '../../model/turns.js';
import { checkTerms } from '../assignments/check-terms.js';
import type { OperationContext } from '../context.js';
import { checkGiven } from './bounds.js';
import type { CompiledSet } from './compiled-set.js';
import { evaluateObjects, reportOf } from './evaluate-objects.js';
import { type GivenPolicy, givenPolicySet, readGivenPolicy } from './given-policies.js';
import { findPodsInTurns, type ReadObjects } from './read-objects.js';
import type { RequesterInput } from './requester-input.js';

/** Objects to be evaluated against policies that come with them. */
export interface EvaluateAgainstInput extends RequesterInput {
  /** PodSecurityPolicies. */
  readonly policies: readonly JsonValue[];
  readonly objects: readonly JsonValue[];
  /** Who may use the policies; null: everybody. */
  readonly subjects: readonly Subject[] | null;
}

/**
 * Evaluates objects against the given policies; nothing is stored and nothing recorded. Throws INVALID with every
 * problem, each with its pointer into the request's body, and TOO_LARGE.
 */
export async function evaluateAgainst(
  context: OperationContext,
  input: EvaluateAgainstInput,
): Promise<EvaluationReport> {
  authorize(context.principal, 'pod:simulate-inline');
  const problems: InputProblem[] = [];
  const terms = { pinnedVersion: null, subjects: input.subjects, namespaces: null };
  const subjects = await found(problems, async () => checkTerms(terms).subjects);
  const set = await found(problems, () => compileGiven(input.policies, subjects ?? null));
  const read = await found(problems, () => findGiven(input.objects));
  if (set === undefined || read === undefined || problems.length > 0) {
    throw invalid('The request can not be evaluated', problems);
  }
  for (const pod of read.pods) checkGiven(set, pod);
  return reportOf(null, set, read, await evaluateObjects(set, read.pods, input));
}

/** What one part of the request gives; undefined, and its problems added to all, where it is not valid. */
async function found<T>(problems: InputProblem[], read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PodgateError && error.code === 'INVALID')) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

async function findGiven(objects: readonly JsonValue[]): Promise<ReadObjects> {
  return findPodsInTurns(documentsOf(objects), (document, problem) => ({
    ...problem,
    pointer: `/objects/${document.index}${document.pointer}${problem.pointer ?? ''}`,
  }));
}

function documentsOf(objects: readonly JsonValue[]): readonly ManifestDocument[] {
  const { documents, problems } = flattenLists(objects);
  if (problems.length === 0 && documents.length === 0) {
    throw invalid('There is no object in the request', [
      { message: 'at least one object is needed', pointer: '/objects' },
    ]);
  }
  if (problems.length === 0) return documents;
  const place = ({ index, pointer, message }: NoObject) => ({
    message,
    pointer: `/objects/${index}${pointer}`,
  });
  throw invalid('Not every object can be evaluated', problems.map(place));
}

/** Most policies of one request: compiling them together isn't cut into turns, and nobody has as many. */
export const MOST_POLICIES = 1_000;

async function compileGiven(
  policies: readonly JsonValue[],
  subjects: readonly Subject[] | null,
): Promise<CompiledSet> {
  if (policies.length > MOST_POLICIES) {
    const message = `policies must have at most ${MOST_POLICIES} entries`;
    throw invalid('The policies are not valid', [{ message, field: 'policies', pointer: '/policies' }]);
  }
  const problems: InputProblem[] = [];
  const given = new Map<string, GivenPolicy>();
  await mapInTurns(policies, (value, index) => {
    if (problems.length >= MOST_PROBLEMS) return;
    const read = readGivenPolicy(value, subjects);
    if (read.ok) problems.push(...addGiven(given, read.given, index));
    else problems.push(...read.problems.map((problem) => placedIn(index, problem)));
  });
  if (problems.length > 0) throw invalid('The policies are not valid', problems);
  return givenPolicySet([...given.values()]);
}

/** Adds a policy to those with other names; else what is wrong with it. */
function addGiven(given: Map<string, GivenPolicy>, policy: GivenPolicy, index: number): InputProblem[] {
  const { name } = policy.policy;
  const isNew = !given.has(name);
  given.set(name, policy);
  if (isNew) return [];
  const message = `policy ${JSON.stringify(name)} is given twice`;
  return [{ message, type: 'Duplicate', pointer: `/policies/${index}/metadata/name`, value: name }];
}

function placedIn(index: number, problem: InputProblem): InputProblem {
  return { ...problem, pointer: `/policies/${index}${problem.pointer ?? ''}` };
}
