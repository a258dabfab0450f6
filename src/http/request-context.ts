import type { IncomingMessage } from 'node:http';
import type { Level, Logger } from '../observability/logger.js';
import type { Principal } from '../model/principal.js';

/** What is known of a request beside what it carries itself. */
export class RequestContext {
  readonly requestId: string;
  /** Who asks; null until the request is authenticated, and on public routes. */
  principal: Principal | null = null;
  /** The template of the route that serves it, such as `/v1/clusters/{cluster}`; null while none does. */
  route: string | null = null;
  readonly #parent: Logger;
  #logger: Logger | undefined;

  constructor(requestId: string, logger: Logger) {
    this.requestId = requestId;
    this.#parent = logger;
  }

  /** Whether lines of this level are written: nothing needs to be made of those that aren't. */
  logs(level: Level): boolean {
    return this.#parent.isLevelEnabled(level);
  }

  /** Adds the request id to every line. Made when it is first asked for: many requests log nothing. */
  get logger(): Logger {
    this.#logger ??= this.#parent.child({ requestId: this.requestId });
    return this.#logger;
  }
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** Remembers the context of a request for as long as the request lives. */
export function attachRequestContext(request: IncomingMessage, context: RequestContext): void {
  contexts.set(request, context);
}

/** The context of a request that passed {@link attachRequestContext}; anything else is a mistake in the wiring. */
export function requestContext(request: IncomingMessage): RequestContext {
  const context = contexts.get(request);
  if (context === undefined)
    throw new Error('the request has no context: the request-id middleware is missing');
  return context;
}

/** The principal of an authenticated request; anything else is a mistake in the wiring. */
export function principalOf(request: IncomingMessage): Principal {
  const { principal } = requestContext(request);
  if (principal === null)
    throw new Error('the request is not authenticated: the authentication middleware is missing');
  return principal;
}
