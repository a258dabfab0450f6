import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { PodgateError } from '../model/errors.js';

/** Milliseconds after which a token is looked at again before anything is sent. */
const GOOD_FOR_MS = 1_000;
/** The same while there is nothing to send. */
const CHECK_EVERY_MS = 30_000;

/** Closes a connection whose token doesn't count any more: it was revoked, or has expired. */
export class TokenWatch {
  readonly #socket: WebSocket;
  readonly #authenticate: () => Promise<unknown>;
  #goodSince = performance.now();
  #looking: Promise<void> | null = null;

  /**
   * @param socket one that is open
   * @param authenticate looks at the connection's token; rejects with UNAUTHENTICATED where it doesn't count
   */
  constructor(socket: WebSocket, authenticate: () => Promise<unknown>) {
    this.#socket = socket;
    this.#authenticate = authenticate;
    const timer = setInterval(() => void this.#look(), CHECK_EVERY_MS);
    timer.unref();
    socket.once('close', () => clearInterval(timer));
  }

  /** Resolves once it is known that the token counted a second ago; the connection is being closed where it didn't. */
  async beforeSending(): Promise<void> {
    if (performance.now() - this.#goodSince < GOOD_FOR_MS) return;
    await this.#look();
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const began = performance.now();
    try {
      await this.#authenticate();
    } catch (error) {
      // What can't be looked up just now has counted so far.
      if (isRefused(error)) this.#socket.close(CloseCode.Forbidden, 'Forbidden');
    }
    this.#goodSince = began;
  }
}

/** Whether a token was looked at and doesn't count. */
export function isRefused(error: unknown): boolean {
  return error instanceof PodgateError && error.code === 'UNAUTHENTICATED';
}
