import { textMember } from '../kubernetes/json-value.js';
import { PodgateError } from '../model/errors.js';
import type { EvaluationReport } from '../model/evaluation.js';
import { findPods, type ReadObjects } from '../operations/evaluation/read-objects.js';
import type { EvaluatedFile, EvaluatedRun, UnreadableFile } from '../report/evaluated-file.js';
import { locatorOf } from '../report/locate.js';
import { editorOf } from '../report/text-edits.js';
import { ApiError } from './api-client.js';
import type { ManifestPath } from './manifest-paths.js';
import { readManifestFile, type ReadFile } from './read-manifests.js';

/** Evaluates the pods of one file. */
export type EvaluateFile = (file: ReadFile, objects: ReadObjects) => Promise<EvaluationReport>;

/** What became of the files. */
export interface FilesOutcome {
  readonly run: EvaluatedRun;
  /** Files of folders that hold no Kubernetes objects. */
  readonly passedOver: readonly string[];
}

/** The files, and how each of them is read and evaluated. */
export interface EvaluateFilesInput {
  readonly files: readonly ManifestPath[];
  readonly evaluate: EvaluateFile;
  readonly readInput: () => Promise<Uint8Array>;
  readonly onProgress: (text: string) => void;
}

/** Requests under way at a time. */
const AT_ONCE = 4;

type Outcome =
  | { readonly kind: 'evaluated'; readonly file: EvaluatedFile }
  | { readonly kind: 'unreadable'; readonly file: UnreadableFile }
  | { readonly kind: 'passed over'; readonly file: string };

/**
 * Evaluates file by file, several at a time; what is wrong with one file doesn't keep the others from being evaluated.
 * Throws {@link ApiError} where the server can't be asked at all.
 */
export async function evaluateFiles(input: EvaluateFilesInput): Promise<FilesOutcome> {
  const { files, onProgress } = input;
  const outcomes: Outcome[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let index = next++; index < files.length; index = next++) {
      const path = files[index];
      if (path === undefined) return;
      outcomes[index] = await evaluateOne(path, input);
      done += 1;
      onProgress(`${done} of ${files.length} files evaluated`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  onProgress('');
  return {
    run: {
      evaluated: outcomes.filter((outcome) => outcome.kind === 'evaluated').map(({ file }) => file),
      unreadable: outcomes.filter((outcome) => outcome.kind === 'unreadable').map(({ file }) => file),
    },
    passedOver: outcomes.filter((outcome) => outcome.kind === 'passed over').map(({ file }) => file),
  };
}

async function evaluateOne(
  path: ManifestPath,
  { evaluate, readInput }: EvaluateFilesInput,
): Promise<Outcome> {
  const reading = await readManifestFile(path, readInput);
  if (!reading.ok) return { kind: 'unreadable', file: reading.unreadable };
  const { file, manifests } = reading.read;
  if (reading.read.found && !manifests.documents.some(({ value }) => isKubernetesObject(value))) {
    return { kind: 'passed over', file };
  }
  try {
    const objects = findPods(manifests.documents, (document, problem) =>
      Object.assign({}, problem, manifests.locate(document, problem.pointer ?? '')),
    );
    const report = await evaluate(reading.read, objects);
    return {
      kind: 'evaluated',
      file: { file, report, locate: locatorOf(manifests), suggest: editorOf(manifests) },
    };
  } catch (error) {
    return unreadableBy(file, error);
  }
}

function isKubernetesObject(value: Parameters<typeof textMember>[0]): boolean {
  return textMember(value, 'apiVersion') !== undefined && textMember(value, 'kind') !== undefined;
}

/**
 * What went wrong with this file alone, a connection that was cut included; throws the error again where it concerns
 * all of them.
 */
function unreadableBy(file: string, error: unknown): Outcome {
  const isOfFile =
    error instanceof PodgateError || (error instanceof ApiError && (error.blamesInput || error.cut));
  if (!isOfFile) throw error;
  const { message, problems } = error;
  return { kind: 'unreadable', file: { file, message, problems } };
}
