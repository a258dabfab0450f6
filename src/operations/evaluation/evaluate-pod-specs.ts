import { flattenLists } from '../../kubernetes/list-items.js';
import { parseStrictJson } from '../../kubernetes/canonical-json.js';
import { invalid, notFound } from '../../model/errors.js';
import type { EvaluationReport } from '../../model/evaluation.js';
import { mapInTurns } from '../../model/turns.js';
import { findPodSpecRevisions, findPodSpecsByIds } from '../../storage/pod-specs.js';
import { readOnly, type Tx } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { evaluateAndRecord } from './evaluate-manifests.js';
import { findPodsInTurns, type ReadObjects } from './read-objects.js';
import type { RequesterInput } from './requester-input.js';

/** Stored workloads to be evaluated against the policies in force in their cluster. */
export interface EvaluatePodSpecsInput extends Omit<RequesterInput, 'namespace'> {
  readonly cluster: string;
  /** Ids of pod specs of this cluster; the latest revision of each is evaluated. */
  readonly podSpecs: readonly string[];
}

const MOST_POD_SPECS = 1000;

/**
 * Evaluates stored workloads in the order of their ids in the input, and records a decision for each. Throws
 * NOT_FOUND where one isn't in the cluster, INVALID, UNAVAILABLE; then nothing is recorded.
 */
export async function evaluatePodSpecs(
  context: OperationContext,
  input: EvaluatePodSpecsInput,
): Promise<EvaluationReport> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'pod:evaluate', tx, input.cluster);
  if (input.podSpecs.length === 0 || input.podSpecs.length > MOST_POD_SPECS) {
    const message = `podSpecs must have 1 to ${MOST_POD_SPECS} entries`;
    throw invalid(message, [{ message, field: 'podSpecs', pointer: 'podSpecs' }]);
  }
  const read = await readStored(tx, cluster.id, input.podSpecs);
  return evaluateAndRecord(context, cluster, read, { ...input, namespace: 'default' });
}

async function readStored(tx: Tx, clusterId: string, ids: readonly string[]): Promise<ReadObjects> {
  const podSpecs = new Map((await findPodSpecsByIds(tx, ids)).map((podSpec) => [podSpec.id, podSpec]));
  const wanted = ids.map((id) => {
    const podSpec = podSpecs.get(id);
    if (podSpec?.clusterId !== clusterId) throw notFound('Pod spec', id);
    return podSpec;
  });
  const latest = [...new Set(wanted)].map(({ id, latestRevision }) => ({
    podSpecId: id,
    number: latestRevision,
  }));
  const revisions = new Map(
    (await findPodSpecRevisions(tx, latest)).map((revision) => [revision.podSpecId, revision]),
  );
  const { documents } = flattenLists(
    await mapInTurns(wanted, ({ id }) => {
      const revision = revisions.get(id);
      if (revision === undefined) throw notFound('Pod spec', id);
      return parseStrictJson(revision.content);
    }),
  );
  const { pods } = await findPodsInTurns(documents, (_, problem) => problem);
  // The namespace under which it is stored counts, also where the object names none.
  const stored = pods.map((pod) => {
    const namespace = wanted[pod.object.document]?.namespace ?? pod.object.namespace;
    return { ...pod, object: { ...pod.object, namespace } };
  });
  return { pods: stored, skipped: 0 };
}
