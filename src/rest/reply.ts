import type { Request, Response } from 'express';
import { toJson } from '../http/json.js';

/** What a route answers: a status, headers of its own, and a body of some media type or none. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: { readonly mediaType: string; readonly text: string } | null;
}

/** A JSON answer, integers of any size exact. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, content: { mediaType: 'application/json', text: toJson(value) } };
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

/** 204. */
export const NO_CONTENT: Reply = { status: 204, headers: {}, content: null };

/** Writes the reply. Answers depend on the token and are of the moment: nobody in between may keep them. */
export function sendReply(request: Request, response: Response, reply: Reply): void {
  response.status(reply.status).set({ 'Cache-Control': 'no-store', Vary: 'Accept', ...reply.headers });
  if (reply.content === null) {
    response.end();
    return;
  }
  const { mediaType, text: content } = reply.content;
  const body = Buffer.from(content);
  response.setHeader(
    'Content-Type',
    mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType,
  );
  response.setHeader('Content-Length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
}
