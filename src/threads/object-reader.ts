import { setImmediate } from 'node:timers/promises';
import { deserialize } from 'node:v8';
import type { ManifestFormat } from '../kubernetes/manifests.js';
import { type PodObject, type ReadObjects, readObjects } from '../operations/evaluation/read-objects.js';
import { errorOf, type Refusal } from './refusal.js';
import type { ThreadPool } from './thread-pool.js';

/** What a thread is asked. */
export interface ReadingRequest {
  readonly body: Uint8Array | string;
  readonly format: ManifestFormat;
}

/** What a thread answers: the objects, serialized in parts of bounded length, or the error. */
export type ReadingAnswer =
  | { readonly ok: true; readonly parts: readonly Uint8Array<ArrayBuffer>[]; readonly skipped: number }
  | Refusal;

/**
 * Bodies above this many bytes, and texts above this many characters, are read by a thread. Below, reading takes some
 * 10 ms at most, and handing the work over and its result back would cost more than it saves.
 */
const SMALL_BODY = 64 * 1024;

/**
 * Reads manifests as {@link readObjects} does, large ones beside the event loop. Throws what it throws, and what the
 * pool throws where there is too much to do.
 */
export function createObjectReader(
  pool: ThreadPool,
): (body: Uint8Array | string, format: ManifestFormat) => Promise<ReadObjects> {
  return async (body, format) => {
    if (body.length <= SMALL_BODY) return readObjects(body, format);
    const request: ReadingRequest = { body, format };
    // The thread's program answers nothing else.
    const answer = (await pool.run(request)) as ReadingAnswer;
    if (!answer.ok) throw errorOf(answer);
    return { pods: await objectsOf(answer.parts), skipped: answer.skipped };
  };
}

async function objectsOf(parts: readonly Uint8Array[]): Promise<readonly PodObject[]> {
  const pods: PodObject[] = [];
  for (const part of parts) {
    // Our own thread has serialized it from such a list.
    pods.push(...(deserialize(part) as readonly PodObject[]));
    await setImmediate();
  }
  return pods;
}
