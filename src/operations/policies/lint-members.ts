import { lintBeside, type LintedMember } from '../../model/policy-lint/lint-policy-set.js';
import { lintPolicy } from '../../model/policy-lint/lint-policy.js';
import type { PolicyWarning } from '../../model/policy-lint/policy-warning.js';
import type { ClusterPolicySet, PolicySetMember } from '../../model/policy-set.js';
import { readPolicyContent } from '../../kubernetes/policy-manifest.js';
import { listAssignments } from '../../storage/assignments.js';
import { readPolicySet } from '../../storage/policy-sets.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** What is odd about a policy of a cluster's set, by itself and beside the others. */
export async function lintInCluster(
  context: OperationContext,
  clusterId: string,
  policyId: string,
): Promise<readonly PolicyWarning[]> {
  const set = await readPolicySet(readOnly(context.services.database), clusterId);
  const own = set?.members.find((member) => member.policyId === policyId);
  if (set === null || own === undefined) return [];
  return [...lintPolicy(readPolicyContent(own.content)), ...besideOthers(set, own)];
}

/**
 * What is odd about a policy beside the others wherever its latest version is in force. A warning is given once, with
 * the names of the clusters.
 */
export async function lintWhereAssigned(
  context: OperationContext,
  policyId: string,
): Promise<readonly PolicyWarning[]> {
  const tx = readOnly(context.services.database);
  const assignments = await listAssignments(tx, { policyId });
  const found = new Map<string, { readonly warning: PolicyWarning; readonly clusters: string[] }>();
  const known = new Map<string, readonly PolicyWarning[]>();
  for (const { clusterId, clusterName } of assignments.filter(
    ({ pinnedVersion }) => pinnedVersion === null,
  )) {
    const set = await readPolicySet(tx, clusterId);
    const own = set?.members.find((member) => member.policyId === policyId);
    if (set === null || own === undefined) continue;
    for (const warning of besideOthers(set, own, known)) {
      const entry = found.get(warning.message) ?? { warning, clusters: [] };
      entry.clusters.push(clusterName);
      found.set(warning.message, entry);
    }
  }
  return [...found.values()].map(({ warning, clusters }) => ({
    ...warning,
    message: `${warning.message} (in ${clusters.join(', ')})`,
  }));
}

/** Pairs that were compared already, by contents and terms, are not compared again. */
function besideOthers(
  set: ClusterPolicySet,
  own: PolicySetMember,
  known: Map<string, readonly PolicyWarning[]> = new Map(),
): readonly PolicyWarning[] {
  return set.members
    .filter((member) => member !== own)
    .flatMap((member) => {
      const key = JSON.stringify(
        [own, member].map(({ digest, subjects, namespaces }) => [digest, subjects, namespaces]),
      );
      const warnings = known.get(key) ?? lintBeside(linted(own), [linted(member)]);
      known.set(key, warnings);
      return warnings;
    });
}

function linted({ content, subjects, namespaces }: PolicySetMember): LintedMember {
  return { policy: readPolicyContent(content), subjects, namespaces };
}
