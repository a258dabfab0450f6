import type { Readable } from 'node:stream';
import { MOST_BYTES } from './read-manifests.js';

/** All of a stream; of one that is larger than any manifest just enough to see that. */
export async function readStream(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > MOST_BYTES) break;
  }
  return Buffer.concat(chunks);
}
