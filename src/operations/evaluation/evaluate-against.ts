import { authorize } from '../../access/authorize.js';
import {
  compareBytes,
  compilePolicy,
  type CompiledPolicy,
  compilePolicySet,
  type JsonValue,
} from '../../engine/index.js';
import { pointerOfField } from '../../kubernetes/field-pointer.js';
import { flattenLists, type ManifestDocument, type NoObject } from '../../kubernetes/list-items.js';
import { decodePolicy } from '../../kubernetes/policy-manifest.js';
import type { Subject } from '../../model/assignment.js';
import { invalid, type InputProblem } from '../../model/errors.js';
import type { EvaluationReport } from '../../model/evaluation.js';
import { contentDigest, policySetDigest } from '../../model/policy-set.js';
import { checkTerms } from '../assignments/check-terms.js';
import type { OperationContext } from '../context.js';
import type { CompiledMember, CompiledSet } from './compiled-set.js';
import { evaluateObjects, reportOf } from './evaluate-objects.js';
import type { RequesterInput } from './evaluate-pod.js';
import { findPods } from './read-objects.js';

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
 * problem, each with its pointer into the request's body.
 */
export async function evaluateAgainst(
  context: OperationContext,
  input: EvaluateAgainstInput,
): Promise<EvaluationReport> {
  authorize(context.principal, 'pod:simulate-inline');
  const { subjects } = checkTerms({ pinnedVersion: null, subjects: input.subjects, namespaces: null });
  const set = compileGiven(input.policies, subjects);
  const read = findPods(documentsOf(input.objects), (document, problem) => ({
    ...problem,
    pointer: `/objects/${document.index}${document.pointer}${problem.pointer ?? ''}`,
  }));
  return reportOf(null, set, read, await evaluateObjects(set, read.pods, input));
}

function documentsOf(objects: readonly JsonValue[]): readonly ManifestDocument[] {
  const { documents, problems } = flattenLists(objects);
  if (problems.length === 0) return documents;
  const place = ({ index, pointer, message }: NoObject) => ({
    message,
    pointer: `/objects/${index}${pointer}`,
  });
  throw invalid('Not every object can be evaluated', problems.map(place));
}

interface GivenPolicy {
  readonly policy: CompiledPolicy;
  readonly member: CompiledMember;
}

function compileGiven(policies: readonly JsonValue[], subjects: readonly Subject[] | null): CompiledSet {
  const problems: InputProblem[] = [];
  const given = new Map<string, GivenPolicy>();
  for (const [index, value] of policies.entries()) {
    const found = readGiven(value, subjects);
    if (Array.isArray(found)) {
      for (const problem of found)
        problems.push({ ...problem, pointer: `/policies/${index}${problem.pointer ?? ''}` });
      continue;
    }
    const { policy, member } = found as GivenPolicy; // Array.isArray doesn't narrow a readonly array away
    if (given.has(policy.name)) {
      const message = `policy ${JSON.stringify(policy.name)} is given twice`;
      problems.push({
        message,
        type: 'Duplicate',
        pointer: `/policies/${index}/metadata/name`,
        value: policy.name,
      });
    }
    given.set(policy.name, { policy, member });
  }
  if (problems.length > 0) throw invalid('The policies are not valid', problems);
  const policySet = compilePolicySet([...given.values()].map(({ policy }) => policy));
  const inOrder = [...given.values()]
    .map(({ member }) => member)
    .sort((a, b) => compareBytes(a.policyName, b.policyName));
  return {
    members: new Map(inOrder.map((member) => [member.policyName, member])),
    digest: policySetDigest(inOrder),
    policies: policySet,
    addServiceAccountVolume: false,
    generation: 0n,
  };
}

function readGiven(
  value: JsonValue,
  subjects: readonly Subject[] | null,
): GivenPolicy | { readonly problems: readonly InputProblem[] } {
  const decoded = decodePolicy(value);
  if (!decoded.ok) return decoded;
  const { manifest } = decoded;
  const compiled = compilePolicy(manifest);
  if (!compiled.ok) {
    return {
      problems: compiled.problems.map((problem) => ({ ...problem, pointer: pointerOfField(problem.field) })),
    };
  }
  const member: CompiledMember = {
    policyName: manifest.name,
    versionId: null,
    version: null,
    digest: contentDigest(manifest.content),
    subjects,
    namespaces: null,
  };
  return { policy: compiled.policy, member };
}
