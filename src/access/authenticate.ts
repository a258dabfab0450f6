import { timingSafeEqual } from 'node:crypto';
import { PodgateError } from '../model/errors.js';
import type { Principal } from '../model/principal.js';
import type { Token } from '../model/token.js';
import { isJwt } from './oidc.js';
import { isTokenSecret, tokenHash } from './token.js';

/** What authentication needs from outside. */
export interface AuthenticationSources {
  /** The admin token of the configuration or of the data directory. */
  readonly adminToken: string;
  /** The stored token with this hash, or null. Revoked and expired ones may be returned. */
  readonly findTokenByHash: (hash: Buffer) => Promise<Token | null>;
  /** Told of each use of a stored token. */
  readonly onTokenUsed: (tokenId: string) => void;
  /** Tells who asks with a token of the identity provider; null: there is none. */
  readonly oidc: ((token: string) => Promise<Principal>) | null;
  readonly now: () => Date;
}

/** How the database is asked: what it does, or rejects with, is what the caller sees. */
export type AskDatabase = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Tells who is asking from the `Authorization` header; throws UNAUTHENTICATED. `ask` is used for the database alone, so
 * that one who watches it doesn't take an identity provider that fails for it.
 */
export type Authenticate = (authorization: string | undefined, ask?: AskDatabase) => Promise<Principal>;

/** Makes the {@link Authenticate} function: bearer tokens as of RFC 6750. */
export function createAuthenticate(sources: AuthenticationSources): Authenticate {
  const adminHash = tokenHash(sources.adminToken);
  return async (authorization, ask = (work) => work()) => {
    const secret = bearerToken(authorization);
    const hash = tokenHash(secret);
    if (timingSafeEqual(hash, adminHash)) {
      return { actor: 'admin', tokenId: null, role: 'ADMIN', clusters: null };
    }
    if (sources.oidc !== null && isJwt(secret)) return sources.oidc(secret);
    const token = isTokenSecret(secret) ? await ask(() => sources.findTokenByHash(hash)) : null;
    if (token === null || !isValid(token, sources.now())) throw unauthenticated('The token is not valid');
    sources.onTokenUsed(token.id);
    return { actor: `token:${token.name}`, tokenId: token.id, role: token.role, clusters: token.clusters };
  };
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined)
    throw unauthenticated('An Authorization header with a bearer token is needed');
  const match = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization);
  if (match?.[1] === undefined) throw unauthenticated('The Authorization header must read "Bearer TOKEN"');
  return match[1];
}

function isValid(token: Token, now: Date): boolean {
  return token.revokedAt === null && (token.expiresAt === null || token.expiresAt > now);
}

function unauthenticated(message: string): PodgateError {
  return new PodgateError('UNAUTHENTICATED', message);
}
