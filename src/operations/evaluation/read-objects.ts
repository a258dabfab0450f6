import type { Pod } from '../../engine/index.js';
import type { JsonObject } from '../../kubernetes/json-value.js';
import type { ManifestDocument } from '../../kubernetes/list-items.js';
import { type ManifestFormat, type Manifests, parseManifests } from '../../kubernetes/manifests.js';
import { decodePod } from '../../kubernetes/pod-schema.js';
import { podOf } from '../../kubernetes/workload.js';
import { type ErrorCode, type InputProblem, MOST_PROBLEMS, PodgateError } from '../../model/errors.js';
import type { EvaluatedObject } from '../../model/evaluation.js';
import { mapInTurns } from '../../model/turns.js';
import { countValues, sizeProblem } from './bounds.js';

/** An object with a pod in it, ready to be evaluated. */
export interface PodObject {
  /** The namespace is the object's own, or empty. */
  readonly object: EvaluatedObject;
  readonly pod: Pod;
  /** JSON Pointer of the pod in the object: `` or such as `/spec/template`. */
  readonly podPointer: string;
  /** The whole object as it was submitted. */
  readonly submitted: JsonObject;
  /** How many values the object has, itself included. */
  readonly values: number;
  /** Unknown fields and the like. */
  readonly warnings: readonly string[];
}

/** What a request for evaluation holds. */
export interface ReadObjects {
  readonly pods: readonly PodObject[];
  /** Objects of kinds that bear no pod. */
  readonly skipped: number;
}

/**
 * Reads manifests and finds the pods in them. Throws MALFORMED with line and column for text that doesn't parse,
 * and INVALID with every problem of every object where one is no valid pod, or where there is no object at all.
 */
export function readObjects(body: Uint8Array | string, format: ManifestFormat): ReadObjects {
  const parsed = parseManifests(body, format);
  if (!parsed.ok) throw new PodgateError(parsed.code, MESSAGES[parsed.code], { problems: parsed.problems });
  if (parsed.documents.length === 0) {
    throw new PodgateError('INVALID', 'There is no object in the request', {
      problems: [{ message: 'at least one object is needed', pointer: '' }],
    });
  }
  const inArray = format === 'json' && isArray(body);
  return findPods(parsed.documents, (document, problem) => located(parsed, inArray, document, problem));
}

/** Whether a JSON text is an array of objects; its pointers then begin with the number of the element. */
function isArray(body: Uint8Array | string): boolean {
  const start = typeof body === 'string' ? body : Buffer.from(body.subarray(0, 1024)).toString('utf8');
  return /^[\s\uFEFF]*\[/.test(start);
}

const MESSAGES = {
  MALFORMED: 'The manifests can not be read',
  INVALID: 'The manifests are not valid',
  TOO_LARGE: 'There are too many objects in the request',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** Finds the pods in objects that are already parsed; `place` adds to a problem where it stands. */
export function findPods(
  documents: readonly ManifestDocument[],
  place: (document: ManifestDocument, problem: InputProblem) => InputProblem,
): ReadObjects {
  const found = new FoundPods(place);
  for (const document of documents) found.look(document);
  return found.result();
}

/** As {@link findPods}, giving way to other requests every few milliseconds. */
export async function findPodsInTurns(
  documents: readonly ManifestDocument[],
  place: (document: ManifestDocument, problem: InputProblem) => InputProblem,
): Promise<ReadObjects> {
  const found = new FoundPods(place);
  await mapInTurns(documents, (document) => found.look(document));
  return found.result();
}

/** Pods and problems as they are found, object by object. */
class FoundPods {
  readonly #pods: PodObject[] = [];
  readonly #problems: InputProblem[] = [];
  #skipped = 0;
  readonly #place: (document: ManifestDocument, problem: InputProblem) => InputProblem;

  constructor(place: (document: ManifestDocument, problem: InputProblem) => InputProblem) {
    this.#place = place;
  }

  look(document: ManifestDocument): void {
    const room = MOST_PROBLEMS - this.#problems.length;
    if (room === 0) return;
    const found = readObject(document);
    if (found === null) this.#skipped += 1;
    else if ('problems' in found) {
      const shown = found.problems.slice(0, room);
      this.#problems.push(...shown.map((problem) => this.#place(document, problem)));
    } else this.#pods.push(found);
  }

  result(): ReadObjects {
    const problems = this.#problems;
    if (problems.length > 0)
      throw new PodgateError('INVALID', 'Not every object is a valid pod', { problems });
    return { pods: this.#pods, skipped: this.#skipped };
  }
}

/** The pod of an object, the problems that it has, or null for a kind without a pod. */
function readObject(
  document: ManifestDocument,
): PodObject | { readonly problems: readonly InputProblem[] } | null {
  const found = podOf(document.value);
  if (found.kind === 'invalid') return found;
  if (found.kind === 'skipped') return null;
  const values = countValues(document.value);
  const tooLarge = sizeProblem(values);
  if (tooLarge !== null) return { problems: [tooLarge] };
  const { podPath, podPointer } = found;
  const decoded = decodePod(found.pod, { required: true, podPath, podPointer });
  if (decoded.errors.length > 0) return { problems: decoded.errors };
  const { apiVersion, objectKind: kind } = found;
  return {
    object: {
      document: document.index,
      item: document.item,
      apiVersion,
      kind,
      namespace: found.namespace ?? '',
      name: found.name ?? '',
      podPath,
    },
    // decodePod has checked every member by type against Kubernetes' own schema.
    pod: found.pod,
    podPointer,
    submitted: document.value,
    values,
    warnings: decoded.warnings,
  };
}

function located(
  parsed: Manifests,
  inArray: boolean,
  document: ManifestDocument,
  problem: InputProblem,
): InputProblem {
  const position = parsed.locate(document, problem.pointer ?? '');
  const pointer = `${inArray ? `/${document.index}` : ''}${document.pointer}${problem.pointer ?? ''}`;
  return { ...problem, pointer, ...position };
}
