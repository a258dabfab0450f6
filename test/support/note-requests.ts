import { subscribe } from 'node:diagnostics_channel';
import { noteSecret } from './run-record.js';

/*
 * A setup file of every test file: notes the tokens of all requests that it sends, as a header or in the path of a
 * webhook, with `fetch` as with `node:http`.
 */

interface SentByFetch {
  readonly request: { readonly path: string; readonly headers: readonly string[] };
}

interface SentByHttp {
  readonly request: { readonly path: string; getHeader(name: string): unknown };
}

subscribe('undici:request:create', (message) => {
  const { request } = message as SentByFetch; // as undici documents the channel
  const at = request.headers.findIndex((name) => name.toLowerCase() === 'authorization');
  note(request.path, at === -1 ? undefined : request.headers[at + 1]);
});

subscribe('http.client.request.start', (message) => {
  const { request } = message as SentByHttp; // as Node documents the channel
  note(request.path, request.getHeader('authorization'));
});

function note(path: string, authorization: unknown): void {
  const token = /^\w+ +(\S+)/.exec(String(authorization))?.[1];
  if (token !== undefined) noteSecret(token);
  const inPath = /^\/admission\/[^/]+\/~([^/?]+)/.exec(path)?.[1];
  if (inPath !== undefined) noteSecret(inPath);
}
