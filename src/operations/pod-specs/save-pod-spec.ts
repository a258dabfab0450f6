import { invalid, type InputProblem } from '../../model/errors.js';
import type { PodSpec, PodSpecRevision } from '../../model/pod-spec.js';
import type { SourceFormat } from '../../model/policy.js';
import { insertChange } from '../../storage/changes.js';
import { savePodSpecRevision } from '../../storage/pod-specs.js';
import { inTransaction } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import { authorizeInCluster } from '../access/authorize-in-cluster.js';
import type { OperationContext } from '../context.js';
import type { PodObject, ReadObjects } from '../evaluation/read-objects.js';
import { storedObject } from '../evaluation/record-decisions.js';

/** Names a stored workload within its cluster. */
export interface PodSpecKey {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** A workload that is to be stored in a cluster. */
export interface SavePodSpecInput {
  readonly cluster: string;
  /** One workload or pod. */
  readonly text: string | Uint8Array;
  readonly format: SourceFormat;
  /** Namespace of an object that names none. */
  readonly namespace: string;
  /** What the object must be called; null: whatever it is. */
  readonly expected: PodSpecKey | null;
}

/** The stored workload with its latest revision. */
export interface SavedPodSpec {
  readonly podSpec: PodSpec;
  readonly revision: PodSpecRevision;
  /** CREATED: the first revision; UNCHANGED: the content is that of the latest one. */
  readonly outcome: 'CREATED' | 'UPDATED' | 'UNCHANGED';
  readonly warnings: readonly string[];
}

/**
 * Stores a workload as the next revision of its name, values that may be secret masked; the same content makes no new
 * revision. Throws MALFORMED, INVALID, NOT_FOUND.
 */
export async function savePodSpec(context: OperationContext, input: SavePodSpecInput): Promise<SavedPodSpec> {
  authorizeInCluster(context, 'pod-spec:save', input.cluster);
  const source = onlyPod(await context.services.readObjects(input.text, input.format));
  const key = keyOf(source, input);
  const { digest, content } = storedObject(source);
  const { actor } = context.principal;
  return inTransaction(context.services.database, async (tx) => {
    const cluster = await findClusterFor(context, 'pod-spec:save', tx, input.cluster);
    const saved = await savePodSpecRevision(tx, {
      clusterId: cluster.id,
      ...key,
      digest,
      content,
      author: actor,
    });
    if (saved.created) {
      const details = { ...key, revision: saved.revision.number, digest };
      await insertChange(tx, {
        actor,
        action: 'POD_SPEC_SAVED',
        clusterId: cluster.id,
        policyId: null,
        details,
      });
    }
    const outcome = !saved.created ? 'UNCHANGED' : saved.revision.number === 1 ? 'CREATED' : 'UPDATED';
    return { podSpec: saved.podSpec, revision: saved.revision, outcome, warnings: source.warnings };
  });
}

function onlyPod({ pods, skipped }: ReadObjects): PodObject {
  const [pod] = pods;
  if (pod !== undefined && pods.length === 1 && skipped === 0) return pod;
  const message = 'exactly one workload or pod is needed';
  throw invalid(message, [{ message, pointer: '' }]);
}

/** Most characters of what names a stored workload: as many as Kubernetes allows. */
const LONGEST = { namespace: 63, kind: 63, name: 253 } as const;

function keyOf({ object }: PodObject, { namespace, expected }: SavePodSpecInput): PodSpecKey {
  const found: PodSpecKey = {
    namespace: object.namespace === '' ? (expected?.namespace ?? namespace) : object.namespace,
    kind: object.kind,
    name: object.name,
  };
  const inList = object.item === null ? '' : `/items/${object.item}`;
  const problems = (['namespace', 'kind', 'name'] as const).flatMap((part): InputProblem[] => {
    const value = found[part];
    const message = partProblem(part, value, expected);
    if (message === null) return [];
    const field = part === 'kind' ? part : `metadata.${part}`;
    return [{ message, pointer: `${inList}/${field.replace('.', '/')}`, field, value }];
  });
  if (problems.length > 0) throw invalid('The workload can not be stored under its name', problems);
  return found;
}

function partProblem(part: keyof PodSpecKey, value: string, expected: PodSpecKey | null): string | null {
  if (value === '') return `${part} is needed`;
  if (value.length > LONGEST[part]) return `${part} must have at most ${LONGEST[part]} characters`;
  if (expected === null || expected[part] === value) return null;
  return `${part} must be ${JSON.stringify(expected[part])}, the one in the request`;
}
