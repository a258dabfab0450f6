import {
  compareBytes,
  type CompiledPolicy,
  compilePolicy,
  compilePolicySet,
  type JsonValue,
} from '../../engine/index.js';
import { pointerOfField } from '../../kubernetes/field-pointer.js';
import { decodePolicy } from '../../kubernetes/policy-manifest.js';
import type { Subject } from '../../model/assignment.js';
import { type InputProblem, MOST_PROBLEMS } from '../../model/errors.js';
import { contentDigest, policySetDigest } from '../../model/policy-set.js';
import { charactersOf, type CompiledMember, type CompiledSet } from './compiled-set.js';

/** A policy that is given for one evaluation and stored nowhere. */
export interface GivenPolicy {
  readonly policy: CompiledPolicy;
  readonly member: CompiledMember;
}

/** A given policy, or what is wrong with it, {@link MOST_PROBLEMS} of it at most; pointers are into the policy. */
export type ReadGivenPolicy =
  | { readonly ok: true; readonly given: GivenPolicy; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Reads and compiles a PodSecurityPolicy that the subjects may use (null: everybody). */
export function readGivenPolicy(value: JsonValue, subjects: readonly Subject[] | null): ReadGivenPolicy {
  const decoded = decodePolicy(value);
  if (!decoded.ok) return { ok: false, problems: decoded.problems.slice(0, MOST_PROBLEMS) };
  const { manifest, warnings } = decoded;
  const compiled = compilePolicy(manifest);
  if (!compiled.ok) {
    const problems = compiled.problems.slice(0, MOST_PROBLEMS).map((problem) => ({
      message: problem.message,
      type: problem.type,
      field: problem.field,
      value: problem.value,
      pointer: pointerOfField(problem.field),
    }));
    return { ok: false, problems };
  }
  const member: CompiledMember = {
    policyName: manifest.name,
    versionId: null,
    version: null,
    digest: contentDigest(manifest.content),
    content: manifest.content,
    subjects,
    namespaces: null,
  };
  return { ok: true, given: { policy: compiled.policy, member }, warnings };
}

/** The set that given policies make; their names must differ. */
export function givenPolicySet(policies: readonly GivenPolicy[]): CompiledSet {
  const members = policies
    .map(({ member }) => member)
    .sort((a, b) => compareBytes(a.policyName, b.policyName));
  return {
    members: new Map(members.map((member) => [member.policyName, member])),
    digest: policySetDigest(members),
    policies: compilePolicySet(policies.map(({ policy }) => policy)),
    characters: charactersOf(members),
    addServiceAccountVolume: false,
    generation: 0n,
  };
}
