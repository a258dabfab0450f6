import { PodgateError } from '../../model/errors.js';
import type { PolicyWarning } from '../../model/policy-lint/policy-warning.js';
import type { ClusterPolicySet, PolicySetMember } from '../../model/policy-set.js';
import { listAssignments } from '../../storage/assignments.js';
import { translateError } from '../../storage/errors.js';
import { readPolicySet } from '../../storage/policy-sets.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import type { LintedContent } from './policy-tasks.js';

/** What is odd about a policy of a cluster's set, by itself and beside the others, {@link ifPossible}. */
export function lintInCluster(
  context: OperationContext,
  clusterId: string,
  policyId: string,
): Promise<readonly PolicyWarning[]> {
  return ifPossible(lintMember(context, clusterId, policyId));
}

/**
 * What is odd about a policy beside the others wherever its latest version is in force, {@link ifPossible}. A warning is
 * given once, with the names of the clusters.
 */
export function lintWhereAssigned(
  context: OperationContext,
  policyId: string,
): Promise<readonly PolicyWarning[]> {
  return ifPossible(lintMembers(context, policyId));
}

/**
 * The warnings, or none where they can't be told now: too much waits for the threads, or the database went away. What
 * they are about is committed by then, since it is compared with what is in force beside it: an error would say that it
 * isn't, and the same request again would meet STALE_VERSION.
 */
async function ifPossible(linting: Promise<readonly PolicyWarning[]>): Promise<readonly PolicyWarning[]> {
  try {
    return await linting;
  } catch (error) {
    if (translateError(error) instanceof PodgateError) return [];
    throw error;
  }
}

async function lintMember(
  context: OperationContext,
  clusterId: string,
  policyId: string,
): Promise<readonly PolicyWarning[]> {
  const set = await readPolicySet(readOnly(context.services.database), clusterId);
  const own = set?.members.find((member) => member.policyId === policyId);
  if (set === null || own === undefined) return [];
  const alone = await context.services.runPolicyTask('lint', own.content);
  return [...alone, ...(await besideOthers(context, set, own, new Map()))];
}

async function lintMembers(context: OperationContext, policyId: string): Promise<readonly PolicyWarning[]> {
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
    for (const warning of await besideOthers(context, set, own, known)) {
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
async function besideOthers(
  context: OperationContext,
  set: ClusterPolicySet,
  own: PolicySetMember,
  known: Map<string, readonly PolicyWarning[]>,
): Promise<readonly PolicyWarning[]> {
  const others = set.members
    .filter((member) => member !== own)
    .map((member) => ({ member, key: pairKey(own, member) }));
  const unknown = others.filter(({ key }) => !known.has(key));
  if (unknown.length > 0) {
    const contents = unknown.map(({ member }) => linted(member));
    const warnings = await context.services.runPolicyTask('lintBeside', linted(own), contents);
    for (const [index, { key }] of unknown.entries()) known.set(key, warnings[index] ?? []);
  }
  return others.flatMap(({ key }) => known.get(key) ?? []);
}

function pairKey(...pair: readonly [PolicySetMember, PolicySetMember]): string {
  return JSON.stringify(pair.map(({ digest, subjects, namespaces }) => [digest, subjects, namespaces]));
}

function linted({ content, subjects, namespaces }: PolicySetMember): LintedContent {
  return { content, subjects, namespaces };
}
