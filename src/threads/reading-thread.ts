/** The program of a thread that reads manifests; {@link createObjectReader} is the other end. */
import { serialize } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import { readObjects } from '../operations/evaluation/read-objects.js';
import { movable } from './movable.js';
import type { ReadingAnswer, ReadingRequest } from './object-reader.js';
import { refusalOf } from './refusal.js';

/** Objects in one part of the answer: a part is made into objects again without holding up the event loop for long. */
const OBJECTS_PER_PART = 50;

function answer({ body, format }: ReadingRequest): ReadingAnswer {
  try {
    const { pods, skipped } = readObjects(body, format);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let from = 0; from < pods.length; from += OBJECTS_PER_PART) {
      parts.push(movable(serialize(pods.slice(from, from + OBJECTS_PER_PART))));
    }
    return { ok: true, parts, skipped };
  } catch (error) {
    return refusalOf(error);
  }
}

parentPort?.on('message', (request: ReadingRequest) => {
  const result = answer(request);
  const moved = result.ok ? result.parts.map(({ buffer }) => buffer) : [];
  parentPort?.postMessage(result, moved);
});
