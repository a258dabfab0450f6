import { setTimeout } from 'node:timers/promises';
import type { JsonValue } from '../engine/index.js';
import { parseStrictJson } from '../kubernetes/canonical-json.js';
import { isList, isObject, member, textMember } from '../kubernetes/json-value.js';
import type { InputProblem } from '../model/errors.js';
import { problemText } from '../report/findings.js';
import { printable } from '../report/printable.js';
import { messageOf } from './error-message.js';

/** A server that could not be reached or would not do what was asked. */
export class ApiError extends Error {
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The problem document's `errors`. */
  readonly problems: readonly InputProblem[];
  /** The connection broke in the middle, so the server is there. */
  readonly cut: boolean;

  constructor(
    message: string,
    status: number | null,
    { problems = [], cut = false }: { problems?: readonly InputProblem[]; cut?: boolean } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.problems = problems;
    this.cut = cut;
  }

  /** The problems as lines for people. */
  get details(): readonly string[] {
    const texts = this.problems.map((problem) => printable(problemText(problem)));
    return texts.filter((text) => !this.message.startsWith(`${text} (`));
  }

  /** Whether the input is to blame rather than the server or the token. */
  get blamesInput(): boolean {
    return this.status !== null && [400, 413, 415, 422].includes(this.status);
  }
}

/** Talks to a Podgate server's REST API. Every call resolves to the parsed answer or throws {@link ApiError}. */
export interface ApiClient {
  get(path: string): Promise<JsonValue>;
  /** The answer as text of another media type. */
  getText(path: string, accept: string): Promise<string>;
  /**
   * With an `If-Match` only where the server still has what was seen. Such a call isn't made again when its answer is
   * lost: it would meet what it has saved itself, and tell of a failure.
   */
  put(path: string, contentType: string, body: RequestBody, ifMatch?: string): Promise<JsonValue>;
  /** With an `Idempotency-Key` a call that got no answer is made again: the server does it once. */
  post(path: string, contentType: string, body: RequestBody, idempotencyKey?: string): Promise<JsonValue>;
  /** With what the command has put together itself: what is wrong with it is told without places in a text that nobody wrote. */
  putJson(path: string, body: object): Promise<JsonValue>;
  /** As `putJson`. */
  postJson(path: string, body: object): Promise<JsonValue>;
  delete(path: string): Promise<void>;
}

type RequestBody = string | Uint8Array;

/** How a client behaves when the server doesn't answer. */
export interface ClientOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds before a call is made again, for the first, second … time. */
  readonly pauses?: readonly number[];
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Making it twice does what making it once does. */
  readonly repeatable: boolean;
}

const PAUSES = [500, 2000];
const LONGEST_PAUSE = 30_000;

/** Makes a client for a server's base address with a bearer token. */
export function createApiClient(server: string, token: string, options: ClientOptions = {}): ApiClient {
  const { signal, pauses = PAUSES } = options;
  const attempt = async ({ method, path, headers, body }: Call): Promise<string> => {
    const url = new URL(path.replace(/^\//, ''), server.endsWith('/') ? server : `${server}/`);
    const answer = await fetchText(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'podgate-cli', ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.status >= 400) throw refusal(answer);
    return answer.text;
  };
  const call = async (request: Call): Promise<string> => {
    for (const pause of pauses) {
      try {
        return await attempt(request);
      } catch (error) {
        if (!(error instanceof ApiError) || !mayBeRepeated(request, error)) throw error;
        const asked = error instanceof BusyError ? error.retryAfterMillis : null;
        await setTimeout(Math.min(asked ?? pause, LONGEST_PAUSE), undefined, signal ? { signal } : {});
      }
    }
    return attempt(request);
  };
  const json = async (request: Call) => parseAnswer(await call(request));
  return {
    get: (path) => json({ method: 'GET', path, repeatable: true }),
    getText: (path, accept) => call({ method: 'GET', path, headers: { accept }, repeatable: true }),
    put: (path, type, body, ifMatch) => {
      const headers = { 'content-type': type, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) };
      return json({ method: 'PUT', path, headers, body, repeatable: ifMatch === undefined });
    },
    post: (path, type, body, key) => {
      const headers = { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) };
      return json({ method: 'POST', path, headers, body, repeatable: key !== undefined });
    },
    putJson: (path, body) => json({ ...jsonCall('PUT', path, body), repeatable: true }).catch(withoutPlaces),
    postJson: (path, body) =>
      json({ ...jsonCall('POST', path, body), repeatable: false }).catch(withoutPlaces),
    delete: async (path) => {
      await call({ method: 'DELETE', path, repeatable: true });
    },
  };
}

function jsonCall(method: string, path: string, body: object) {
  return { method, path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The same refusal with the names of members instead of their places. */
function withoutPlaces(error: unknown): never {
  if (!(error instanceof ApiError)) throw error;
  const problems = error.problems.map(({ message, field = '' }) => ({
    message: message.startsWith(field) ? message : `${field}: ${message}`,
  }));
  throw new ApiError(error.message, error.status, { problems, cut: error.cut });
}

/** The server asks to come back later. */
class BusyError extends ApiError {
  readonly retryAfterMillis: number | null;

  constructor(cause: ApiError, retryAfter: string | null) {
    super(cause.message, cause.status, cause);
    this.retryAfterMillis =
      retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
  }
}

/** Of too many requests none was begun; after another failure nobody knows how far the server came. */
function mayBeRepeated({ repeatable }: Call, error: ApiError): boolean {
  return error.status === 429 || (repeatable && (error.cut || error instanceof BusyError));
}

interface AnswerText {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}

async function fetchText(url: URL, request: RequestInit): Promise<AnswerText> {
  try {
    const answer = await fetch(url, request);
    const retryAfter = answer.headers.get('retry-after');
    return { status: answer.status, text: await answer.text(), retryAfter };
  } catch (error) {
    if (request.signal?.aborted) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const message = reasonOf(cause);
    const cut = isCut(cause);
    const what = cut ? 'the connection was cut' : 'can not be reached';
    throw new ApiError(`${url.origin}: ${what}${message === '' ? '' : `: ${message}`}`, null, { cut });
  }
}

/** What the failure of a connection has to say, and where to look where that alone doesn't tell. */
function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'it speaks no TLS: is the address http://?';
  }
  const isUntrusted = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_SELF_SIGNED_)/.test(code);
  return isUntrusted
    ? `${messageOf(cause)} (NODE_EXTRA_CA_CERTS names a file of authorities to trust)`
    : messageOf(cause);
}

/** Whether the other side was there and went away, rather than never having answered. */
function isCut(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function parseAnswer(text: string): JsonValue {
  if (text === '') return null;
  try {
    return parseStrictJson(text);
  } catch {
    throw new ApiError('the answer is not JSON: is this address a Podgate server?', null);
  }
}

function refusal({ status, text, retryAfter }: AnswerText): ApiError {
  const problem = problemDocument(text);
  const said = textMember(problem, 'detail') ?? textMember(problem, 'title');
  const errors = problem === undefined ? undefined : member(problem, 'errors');
  const problems = isList(errors) ? errors.flatMap(inputProblem) : [];
  const message = printable(said ?? `the server answered with status ${status}`);
  const error = new ApiError(`${message} (${status})`, status, { problems });
  return [429, 502, 503, 504].includes(status) ? new BusyError(error, retryAfter) : error;
}

/** Undefined where the answer is not from Podgate itself, such as a proxy's page: the status has to do. */
function problemDocument(text: string) {
  try {
    const document = parseStrictJson(text);
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function inputProblem(value: JsonValue): InputProblem[] {
  if (!isObject(value)) return [];
  const line = member(value, 'line');
  const column = member(value, 'column');
  const pointer = textMember(value, 'pointer');
  const field = textMember(value, 'field');
  return [
    {
      message: textMember(value, 'message') ?? 'is not valid',
      ...(typeof line === 'number' ? { line } : {}),
      ...(typeof column === 'number' ? { column } : {}),
      ...(pointer === undefined ? {} : { pointer }),
      ...(field === undefined ? {} : { field }),
    },
  ];
}
