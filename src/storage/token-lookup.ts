import type { Token } from '../model/token.js';
import type { Database } from './database.js';
import { createLookup } from './lookup.js';

/** Finds the token with this hash, also when it is expired or revoked, or null. Throws UNAVAILABLE. */
export type FindTokenByHash = (hash: Buffer) => Promise<Token | null>;

const TOKENS = `
  SELECT hash, id, name, role, clusters, created_by AS "createdBy", created_at AS "createdAt",
    expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
  FROM tokens WHERE hash = ANY($1::bytea[])`;

/** Makes the lookup. A token that was revoked is found so with the next request, whichever server revoked it. */
export function createTokenLookup(database: Pick<Database, 'pool'>): FindTokenByHash {
  const find = createLookup<Buffer, Token & { readonly hash: Buffer }>(database, {
    name: 'find-tokens',
    text: TOKENS,
    textOf: (hash) => hash.toString('hex'),
    keyOf: ({ hash }) => hash,
  });
  return async (wanted) => {
    const found = await find(wanted);
    if (found === null) return null;
    const { hash: _, ...token } = found;
    return token;
  };
}
