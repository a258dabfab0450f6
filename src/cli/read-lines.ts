import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import type { CommandContext } from './command.js';
import { messageOf } from './error-message.js';
import { UsageError } from './exit-code.js';

/** Nothing that has lines has longer ones: of a file without any the memory isn't filled. */
const MI = 1024 * 1024;
const LONGEST_LINE = 64 * MI;

/**
 * The lines of a file, or of standard input where it is `-`, in constant memory; what begins as gzip does is unpacked.
 * What was cut off in its middle ends there. Throws {@link UsageError} where it can't be read.
 */
export async function* readLines(
  file: string,
  { directory, openInput }: Pick<CommandContext, 'directory' | 'openInput'>,
): AsyncGenerator<string> {
  const source = file === '-' ? openInput() : createReadStream(resolve(directory, file));
  const decoder = new TextDecoder();
  let begun: string[] = [];
  let length = 0;
  try {
    for await (const bytes of unpacked(source)) {
      const [first = '', ...more] = decoder.decode(bytes, { stream: true }).split('\n');
      begun.push(first);
      length += first.length;
      if (length > LONGEST_LINE) throw new Error(`a line is longer than ${LONGEST_LINE / MI} Mi characters`);
      const last = more.pop();
      if (last === undefined) continue;
      yield begun.join('');
      yield* more;
      begun = [last];
      length = last.length;
    }
  } catch (error) {
    throw new UsageError(`${file} can not be read: ${messageOf(error)}`);
  } finally {
    source.destroy();
  }
  if (length > 0) yield begun.join('');
}

const GZIP = Buffer.from([0x1f, 0x8b]);

async function* unpacked(source: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  const all = prepend(first, chunks);
  if (first.done === true || !first.value.subarray(0, GZIP.length).equals(GZIP)) {
    yield* all;
    return;
  }
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  // What fails destroys the last stream, from which it is then thrown.
  yield* pipeline(Readable.from(all), gunzip, () => undefined);
}

async function* prepend(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
}
