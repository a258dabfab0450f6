import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { onTestFinished } from 'vitest';
import { TOKEN } from '../../failures/load.js';

/** One request; the token is added by whoever sends it. */
export interface HostileRequest {
  readonly method: string;
  /** As it stands in the request's first line, where nothing is escaped but what can't stand there. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array | null;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends requests over connections that are kept until the end of the test; rejects where the connection breaks. */
export function sender(base: string): (attack: HostileRequest) => Promise<HttpAnswer> {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const { hostname, port } = new URL(base);
  return ({ method, path: target, headers, body }) =>
    new Promise((resolve, reject) => {
      const path = target.replaceAll(/[^\u0021-\u00ff]/gu, encodeURIComponent);
      // Node takes lists, and doesn't change them; its type says neither.
      const sentHeaders = { authorization: `Bearer ${TOKEN}`, ...headers } as OutgoingHttpHeaders;
      const sent = request({ hostname, port, agent, method, path, headers: sentHeaders }, (response) => {
        const { statusCode: status = 0, headers: received } = response;
        const type = (received['content-type'] ?? '').split(';')[0] ?? '';
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
        response.once('end', () => resolve({ status, type, text: Buffer.concat(chunks).toString() }));
      });
      sent.once('error', reject).end(body ?? undefined);
    });
}

/** What is of the inside of a service: nobody outside has a use for it, but for an attack. */
const INTERNALS =
  /\bprisma\b|node_modules|dist\/src|\bat \S+ \(|file:\/\/|\bSELECT\b[^]*\bFROM\b|\bINSERT INTO\b|\bpg_\w|violates .* constraint|invalid input syntax|\bUND_ERR|\bERR_[A-Z]|\bRangeError\b|\bTypeError\b|Cannot read propert|is not a function|\bInternal (server )?error\b/i;

/** The part of a text that tells something of the inside, or null. */
export function internalsIn(text: string): string | null {
  const [found] = INTERNALS.exec(text) ?? [];
  return found === undefined ? null : `tells ${found.slice(0, 80)}`;
}

/** What is wrong with GraphQL's errors, or null: each has a code of the client's own mistakes. */
export function wrongErrors(errors: unknown): string | null {
  if (!Array.isArray(errors)) return 'errors are no list';
  for (const error of errors as readonly { readonly extensions?: { readonly code?: unknown } }[]) {
    const code = error?.extensions?.code;
    if (typeof code !== 'string' || code.startsWith('INTERNAL'))
      return `an error with the code ${String(code)}`;
  }
  return null;
}

/** What is wrong with an answer of the API, or null: failures of its own, what it tells of itself, another form than its own. */
export function judgeAnswer(
  { method, path }: HostileRequest,
  { status, type, text }: HttpAnswer,
): string | null {
  if (status >= 500 || status < 200) return `answers ${status}: ${text.slice(0, 200)}`;
  if (path.startsWith('/graphql/graphiql/') && status < 400) return null; // scripts of others, which name all kinds of things
  const told = internalsIn(text);
  if (told !== null) return told;
  if (method === 'HEAD') return null;
  const isGraphql = /^application\/(json|graphql-response\+json)$/.test(type) && path.startsWith('/graphql');
  if (isGraphql) {
    const { errors }: { errors?: unknown } = JSON.parse(text);
    return errors === undefined ? null : wrongErrors(errors);
  }
  if (status < 400) return null;
  if (type !== 'application/problem+json') return `answers ${status} as ${type}`;
  const problem: { status?: unknown } = JSON.parse(text);
  return problem.status === status ? null : 'is a problem of another status';
}
