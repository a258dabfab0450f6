import type { Request, RequestHandler } from 'express';
import { PodgateError } from '../model/errors.js';
import { principalOf } from './request-context.js';

/** Bodies up to this many bytes are never refused: they take little room, and most requests have one. */
export const SMALL_BODY = 64 * 1024;

/** How much the bodies of requests that are being worked on may have together. */
export interface HeldBodiesOptions {
  /** Bytes of all; those of one token, subject or administrator may have half of it. */
  readonly most: number;
  /** Bytes that a body counts as whose size isn't known before it is read: the most that it may have. */
  readonly unknown: number;
}

/**
 * Refuses a large body with TOO_MANY_REQUESTS while many others are being worked on: from its arrival to the end of its
 * answer each takes some twenty times its size of the memory, and too many at once would have the process killed, with
 * everybody's requests. One is let in always, so that none is too large in itself. Comes after authentication.
 */
export function holdBodies({ most, unknown }: HeldBodiesOptions): RequestHandler {
  const held = new Map<string, number>();
  let all = 0;
  return (request, response, next) => {
    const size = sizeOf(request, unknown);
    // Of a client that went away meanwhile no end will be told.
    if (size <= SMALL_BODY || response.destroyed) {
      next();
      return;
    }
    const { tokenId, actor } = principalOf(request);
    const holder = tokenId ?? actor;
    const own = held.get(holder) ?? 0;
    if ((all > 0 && all + size > most) || (own > 0 && own + size > most / 2)) {
      throw new PodgateError('TOO_MANY_REQUESTS', 'Too many large requests at once: try again', {
        retryAfterSeconds: 1,
      });
    }
    all += size;
    held.set(holder, own + size);
    response.once('close', () => {
      all -= size;
      const left = (held.get(holder) ?? 0) - size;
      if (left > 0) held.set(holder, left);
      else held.delete(holder);
    });
    next();
  };
}

function sizeOf(request: Request, unknown: number): number {
  const length = request.headers['content-length'];
  const isKnown = length !== undefined && request.headers['content-encoding'] === undefined;
  if (isKnown) return Math.min(Number(length), unknown);
  return length === undefined && request.headers['transfer-encoding'] === undefined ? 0 : unknown;
}
