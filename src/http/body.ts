import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { PodgateError } from '../model/errors.js';

const DECODERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Most values, keys included, of JSON that is read by the thread that serves all requests: some 25 ms of work. Longer
 * lists of objects come as manifests, which another thread reads.
 */
export const MOST_VALUES_AT_ONCE = 100_000;

/**
 * Reads a request's body whole, decompressed (gzip, deflate, br), and at most `limit` bytes of it, counted before and
 * after decompression, so that a small upload can't become a large memory.
 *
 * Throws TOO_LARGE, UNSUPPORTED_MEDIA_TYPE for an unknown encoding, MALFORMED for broken compression and for an upload
 * that was cut off. What is left of a refused upload is read and dropped, so that the client gets to see the answer.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const decoder = encoding === 'identity' ? null : decoderOf(encoding);
  try {
    if (request.destroyed) throw new CutOff(); // nothing more would be told of it
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
    return await collect(decoder === null ? request : decoded(request, decoder, limit), limit);
  } catch (error) {
    throw isBrokenStream(error) ? unreadable(error) : error;
  } finally {
    request.unpipe();
    request.resume();
    decoder?.destroy();
  }
}

function decoderOf(encoding: string): Transform {
  if (isKnown(encoding)) return DECODERS[encoding]();
  const given = `Content-Encoding ${JSON.stringify(encoding)} is not supported`;
  throw new PodgateError(
    'UNSUPPORTED_MEDIA_TYPE',
    `${given}; supported: ${Object.keys(DECODERS).join(', ')}`,
  );
}

function decoded(request: IncomingMessage, decoder: Transform, limit: number): Readable {
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > limit) decoder.destroy(tooLarge(limit));
  });
  request.once('error', (error) => decoder.destroy(error));
  request.once('close', () => {
    if (!request.complete) decoder.destroy(new CutOff());
  });
  return request.pipe(decoder);
}

async function collect(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        chunks.length = 0;
        reject(tooLarge(limit));
        return;
      }
      chunks.push(chunk);
    });
    stream.once('end', () => resolve(Buffer.concat(chunks, size)));
    stream.once('error', reject);
    stream.once('close', () => {
      if (!stream.readableEnded) reject(new CutOff());
    });
  });
}

function isKnown(encoding: string): encoding is keyof typeof DECODERS {
  return Object.hasOwn(DECODERS, encoding);
}

/** The client went away in the middle of its upload. */
class CutOff extends Error {
  override readonly name = 'CutOff';
  readonly code = 'ECONNRESET';
}

/** Whether a stream failed for what came in: zlib's and the socket's errors bear a code of their own. */
function isBrokenStream(error: unknown): boolean {
  if (error instanceof PodgateError || !(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && /^(Z_|ERR_|ECONN|EPIPE)/.test(error.code);
}

function unreadable(cause: unknown): PodgateError {
  return new PodgateError('MALFORMED', 'The body is broken or incomplete', { cause });
}

function tooLarge(limit: number): PodgateError {
  return new PodgateError('TOO_LARGE', `The body is larger than ${limit} bytes`);
}
