import { type Token as TokenRow, Prisma } from '../generated/prisma/client.js';
import type { Page, PageRequest } from '../model/page.js';
import type { Role } from '../model/principal.js';
import type { Token } from '../model/token.js';
import { descentById, idBeyond, pageById } from './cursors.js';
import type { Tx } from './transaction.js';

/** A token about to be stored. */
export interface NewToken {
  readonly id: string;
  readonly name: string;
  /** Of the secret, which is never stored. */
  readonly hash: Uint8Array;
  readonly role: Role;
  readonly clusters: readonly string[] | null;
  readonly expiresAt: Date | null;
  readonly createdBy: string;
}

/** Stores a token; throws CONFLICT where a token that isn't revoked has the name. */
export async function insertToken(tx: Tx, token: NewToken): Promise<Token> {
  const { id, name, role, expiresAt, createdBy } = token;
  const hash = new Uint8Array(token.hash);
  const clusters = token.clusters === null ? Prisma.DbNull : [...token.clusters];
  const data = { id, name, hash, role, clusters, expiresAt, createdBy, createdAt: new Date() };
  return toToken(await tx.token.create({ data }));
}

/** The token with this id, or null. */
export async function findToken(tx: Tx, id: string): Promise<Token | null> {
  const row = await tx.token.findUnique({ where: { id } });
  return row === null ? null : toToken(row);
}

/** Whether a token that isn't revoked has the name. */
export async function isTokenNameTaken(tx: Tx, name: string): Promise<boolean> {
  return (await tx.token.count({ where: { name, revokedAt: null } })) > 0;
}

/** All tokens, newest first. */
export async function pageTokens(tx: Tx, page: PageRequest): Promise<Page<Token>> {
  const descent = descentById('tokens', page);
  const rows = await tx.token.findMany({
    where: idBeyond(descent),
    orderBy: { id: descent.direction },
    take: descent.take,
  });
  return pageById('tokens', rows.map(toToken), page);
}

/** Revokes a token from `at` on; null where there is none that could be revoked. */
export async function revokeToken(tx: Tx, id: string, at: Date): Promise<Token | null> {
  const { count } = await tx.token.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: at } });
  return count === 0 ? null : findToken(tx, id);
}

/** Notes when tokens were last used, by their ids; a later use that is noted already stays. */
export async function touchTokens(tx: Tx, uses: ReadonlyMap<string, Date>): Promise<void> {
  const moments = [...uses.values()].map((moment) => moment.toISOString());
  await tx.$executeRaw`
    UPDATE tokens SET last_used_at = used.at
    FROM unnest(${[...uses.keys()]}::uuid[], ${moments}::timestamptz[]) AS used (id, at)
    WHERE tokens.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at)`;
}

function toToken(row: TokenRow): Token {
  const { hash: _hash, ...token } = row;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a CHECK of the table allows these values only
  const role = row.role as Role;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only insertToken writes the column
  const clusters = row.clusters as readonly string[] | null;
  return { ...token, role, clusters };
}
