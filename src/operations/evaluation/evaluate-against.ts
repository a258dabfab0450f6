import { authorize } from '../../access/authorize.js';
import { compilePolicy, type CompiledPolicy, compilePolicySet, type JsonValue } from '../../engine/index.js';
import { canonicalJson } from '../../kubernetes/canonical-json.js';
import type { JsonObject } from '../../kubernetes/json-value.js';
import type { ManifestDocument } from '../../kubernetes/manifests.js';
import { flattenLists } from '../../kubernetes/manifests.js';
import { decodePolicy } from '../../kubernetes/policy-manifest.js';
import type { Subject } from '../../model/assignment.js';
import { invalid, type InputProblem } from '../../model/errors.js';
import type { EvaluationReport } from '../../model/evaluation.js';
import { contentDigest, policySetDigest, type PolicySetMember } from '../../model/policy-set.js';
import { checkTerms } from '../assignments/check-terms.js';
import type { OperationContext } from '../context.js';
import type { CompiledSet } from './compiled-set.js';
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
  return objects.flatMap((object, index) => {
    if (isObject(object)) return flattenLists(object, index);
    const message = 'must be an object';
    throw invalid(message, [{ message, pointer: `/objects/${index}` }]);
  });
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface GivenPolicy {
  readonly policy: CompiledPolicy;
  readonly member: PolicySetMember;
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
  const all = [...given.values()];
  const policySet = compilePolicySet(all.map(({ policy }) => policy));
  const members = new Map(policySet.names.map((name) => [name, given.get(name)?.member]).filter(isPresent));
  return {
    members,
    digest: policySetDigest([...members.values()]),
    policies: policySet,
    addServiceAccountVolume: false,
    generation: 0n,
  };
}

function isPresent<K, V>(entry: readonly (K | V | undefined)[]): entry is [K, V] {
  return entry[1] !== undefined;
}

function readGiven(
  value: JsonValue,
  subjects: readonly Subject[] | null,
): GivenPolicy | readonly InputProblem[] {
  const decoded = decodePolicy(value);
  if (!decoded.ok) return decoded.problems;
  const compiled = compilePolicy(decoded.manifest);
  if (!compiled.ok) return compiled.problems;
  const content = canonicalJson(value);
  const member: PolicySetMember = {
    policyId: '',
    policyName: decoded.manifest.name,
    versionId: '',
    version: 0,
    digest: contentDigest(content),
    content,
    pinnedVersion: null,
    subjects,
    namespaces: null,
  };
  return { policy: compiled.policy, member };
}
