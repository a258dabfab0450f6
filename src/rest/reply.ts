import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { exactJson } from '../model/exact-json.js';

/** What a route answers: a status, headers of its own, and a body of some media type or none. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: ReplyContent | null;
}

/** A body, whole or bit by bit. */
export type ReplyContent =
  | { readonly mediaType: string; readonly text: string }
  | { readonly mediaType: string; readonly stream: AsyncIterable<string | Uint8Array> };

/** A JSON answer, integers of any size exact. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, content: { mediaType: 'application/json', text: exactJson(value) } };
}

/** An answer that is text of another kind. */
export function text(
  status: number,
  mediaType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, content: { mediaType, text: body } };
}

/** An answer that is sent while it is made; where that fails in the middle, the connection is cut. */
export function stream(
  status: number,
  mediaType: string,
  body: AsyncIterable<string | Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, content: { mediaType, stream: body } };
}

/** 204. */
export const NO_CONTENT: Reply = { status: 204, headers: {}, content: null };

/** 304. */
export function notModified(headers: Readonly<Record<string, string>>): Reply {
  return { status: 304, headers, content: null };
}

/** Writes the reply. Answers depend on the token and are of the moment: nobody in between may keep them. */
export async function sendReply(request: Request, response: Response, reply: Reply): Promise<void> {
  response.status(reply.status).set({ 'Cache-Control': 'no-store', Vary: 'Accept', ...reply.headers });
  if (reply.content === null) {
    response.end();
    return;
  }
  const { mediaType } = reply.content;
  response.setHeader(
    'Content-Type',
    mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType,
  );
  if ('stream' in reply.content) {
    if (request.method === 'HEAD') response.end();
    else await sendStream(response, reply.content.stream);
    return;
  }
  const body = reply.content.text;
  response.setHeader('Content-Length', Buffer.byteLength(body));
  // A text leaves in one write together with the head, bytes would need two.
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function sendStream(response: Response, body: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    // One piece ahead: without the limit 16 of them, however large, would wait in memory for a slow client.
    await pipeline(Readable.from(body, { highWaterMark: 1 }), response);
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!gone) throw error; // a client that goes away is no failure
  }
}
