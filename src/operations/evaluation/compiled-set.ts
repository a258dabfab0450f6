import { type CompiledPolicy, compilePolicy, compilePolicySet, type PolicySet } from '../../engine/index.js';
import { readPolicyContent } from '../../kubernetes/policy-manifest.js';
import { type ClusterPolicySet, policySetDigest, type PolicySetMember } from '../../model/policy-set.js';

/** A policy of a compiled set: who may use it, and which stored version it is (null: it came with the request). */
export interface CompiledMember
  extends Pick<PolicySetMember, 'policyName' | 'digest' | 'content' | 'subjects' | 'namespaces'> {
  readonly versionId: string | null;
  readonly version: number | null;
}

/** The policies in force in a cluster, ready for the engine. */
export interface CompiledSet {
  /** By name. */
  readonly members: ReadonlyMap<string, CompiledMember>;
  readonly digest: string;
  readonly policies: PolicySet;
  /** Length of the policies' content, in characters. */
  readonly characters: number;
  readonly addServiceAccountVolume: boolean;
  /** What a decision made with this set may be recorded with. */
  readonly generation: bigint;
}

/** Finds or makes the compiled form of a stored version. */
export type CompileVersion = (member: PolicySetMember) => CompiledPolicy;

/** Compiles the set as it was read. */
export function compileClusterSet(set: ClusterPolicySet, compile: CompileVersion): CompiledSet {
  return {
    members: new Map(set.members.map((member) => [member.policyName, member])),
    digest: policySetDigest(set.members),
    policies: compilePolicySet(set.members.map(compile)),
    characters: charactersOf(set.members),
    addServiceAccountVolume: set.addServiceAccountVolume,
    generation: set.generation,
  };
}

/** Length of the content of policies, in characters. */
export function charactersOf(members: readonly Pick<CompiledMember, 'content'>[]): number {
  return members.reduce((sum, { content }) => sum + content.length, 0);
}

/** Compiles the content of a stored version, which was found good when it was saved. */
export function compileStored(
  member: Pick<PolicySetMember, 'policyName' | 'version' | 'content'>,
): CompiledPolicy {
  const compiled = compilePolicy(readPolicyContent(member.content));
  if (compiled.ok) return compiled.policy;
  const problems = compiled.problems.map((problem) => `${problem.field}: ${problem.message}`).join('; ');
  throw new Error(
    `stored version ${member.version} of policy ${member.policyName} does not compile: ${problems}`,
  );
}
