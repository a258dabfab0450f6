import {
  CLUSTER_NAME,
  type Cluster,
  type ClusterSettings,
  clusterSettings,
  DEFAULT_CLUSTER_SETTINGS,
  LONGEST_RETENTION_DAYS,
} from '../../model/cluster.js';
import { invalid, PodgateError, type InputProblem } from '../../model/errors.js';
import { insertChange } from '../../storage/changes.js';
import { findClusterForChange, insertCluster, updateCluster } from '../../storage/clusters.js';
import { inTransaction, type Tx } from '../../storage/transaction.js';
import { authorizeInCluster } from '../access/authorize-in-cluster.js';
import type { OperationContext } from '../context.js';
import { checkNamespaceModes } from './check-settings.js';

/** A cluster as a client sends it; what is absent stays as it is, or takes its default in a new cluster. */
export interface SaveClusterInput extends Partial<ClusterSettings> {
  readonly name: string;
}

/** The cluster as it is now, and whether it is new. */
export interface SavedCluster {
  readonly cluster: Cluster;
  readonly created: boolean;
}

/** Creates the cluster or changes its settings. Throws INVALID with every problem. */
export async function saveCluster(context: OperationContext, input: SaveClusterInput): Promise<SavedCluster> {
  authorizeInCluster(context, 'cluster:save', input.name);
  const problems = check(input);
  if (problems.length > 0) throw invalid('The cluster is not valid', problems);
  const save = () => inTransaction(context.services.database, (tx) => saveIn(tx, context, input));
  try {
    return await save();
  } catch (error) {
    // Two requests created the same name at once: the other one has, so this one now updates.
    if (error instanceof PodgateError && error.code === 'CONFLICT') return save();
    throw error;
  }
}

async function saveIn(tx: Tx, context: OperationContext, input: SaveClusterInput): Promise<SavedCluster> {
  const { actor } = context.principal;
  const existing = await findClusterForChange(tx, input.name);
  const before = clusterSettings(existing ?? DEFAULT_CLUSTER_SETTINGS);
  const settings = { ...before, ...given(input) };
  if (existing !== null && sameSettings(before, settings)) return { cluster: existing, created: false };
  const cluster =
    existing === null
      ? await insertCluster(tx, { name: input.name, ...settings }, actor)
      : await updateCluster(tx, existing.id, settings, actor);
  await insertChange(tx, {
    actor,
    action: existing === null ? 'CLUSTER_CREATED' : 'CLUSTER_UPDATED',
    clusterId: cluster.id,
    policyId: null,
    details: existing === null ? { after: settings } : { before, after: settings },
  });
  return { cluster, created: existing === null };
}

function given(input: SaveClusterInput): Partial<ClusterSettings> {
  const { name: _, ...settings } = input;
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function sameSettings(a: ClusterSettings, b: ClusterSettings): boolean {
  return JSON.stringify(clusterSettings(a)) === JSON.stringify(clusterSettings(b));
}

const LONGEST = { displayName: 200, kubernetesVersion: 50 } as const;

function check(input: SaveClusterInput): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  if (!CLUSTER_NAME.test(input.name)) {
    const message = 'name must be a DNS-1123 subdomain: lower case letters, digits, "-" and ".", 253 at most';
    problems.push({ message, field: 'name', pointer: 'name', value: input.name });
  }
  for (const field of ['displayName', 'kubernetesVersion'] as const) {
    const value = input[field];
    if (typeof value === 'string' && (value.length > LONGEST[field] || hasControlCharacters(value))) {
      const message = `${field} must be at most ${LONGEST[field]} characters without control characters`;
      problems.push({ message, field, pointer: `/${field}` });
    }
  }
  const { retention } = input;
  const isDays = (days: number) => Number.isInteger(days) && days >= 1 && days <= LONGEST_RETENTION_DAYS;
  if (typeof retention === 'number' && !isDays(retention)) {
    const message = `retention must be a whole number from 1 to ${LONGEST_RETENTION_DAYS}, or null`;
    problems.push({ message, field: 'retention', pointer: '/retention', value: retention });
  }
  return [...problems, ...checkNamespaceModes(input.namespaceModes ?? [])];
}

function hasControlCharacters(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
