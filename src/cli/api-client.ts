/** A server that could not be reached or would not do what was asked. */
export class ApiError extends Error {
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The problem document's `errors`, as lines for people. */
  readonly details: readonly string[];

  constructor(message: string, status: number | null, details: readonly string[] = []) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.details = details;
  }
}

/** Talks to a Podgate server's REST API. Every call resolves to the parsed answer or throws {@link ApiError}. */
export interface ApiClient {
  get(path: string): Promise<unknown>;
  put(path: string, contentType: string, body: string): Promise<unknown>;
  post(path: string, contentType: string, body: string): Promise<unknown>;
}

/** Makes a client for a server's base address with a bearer token. */
export function createApiClient(server: string, token: string): ApiClient {
  const call = async (
    method: string,
    path: string,
    contentType?: string,
    body?: string,
  ): Promise<unknown> => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(contentType ? { 'content-type': contentType } : {}),
    };
    const answer = await send(new URL(path, server), {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    if (!answer.ok) throw refusal(answer.status, text);
    return text === '' ? null : JSON.parse(text);
  };
  return {
    get: (path) => call('GET', path),
    put: (path, contentType, body) => call('PUT', path, contentType, body),
    post: (path, contentType, body) => call('POST', path, contentType, body),
  };
}

async function send(url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new ApiError(`${url.origin} can not be reached: ${cause}`, null);
  }
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly {
    readonly message: string;
    readonly pointer?: string;
    readonly line?: number;
  }[];
}

function refusal(status: number, text: string): ApiError {
  let problem: Problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // Not from Podgate itself, such as a proxy's page: the status has to do.
  }
  const details = (problem.errors ?? []).map(({ message, pointer, line }) =>
    [line === undefined ? '' : `line ${line}: `, pointer ? `${pointer}: ` : '', message].join(''),
  );
  return new ApiError(
    problem.detail ?? problem.title ?? `the server answered with status ${status}`,
    status,
    details,
  );
}
