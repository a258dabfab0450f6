import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Token } from '../../src/model/token.js';
import type { Database } from '../../src/storage/database.js';
import { openPool } from '../../src/storage/pool.js';
import { createTokenLookup } from '../../src/storage/token-lookup.js';
import { insertToken, revokeToken } from '../../src/storage/tokens.js';
import { readOnly } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

async function givenToken(more: Partial<Token> = {}): Promise<{ token: Token; hash: Buffer }> {
  const hash = randomBytes(32);
  const usual = { id: uuidv7(), name: uuidv7(), role: 'VIEWER', clusters: null, expiresAt: null } as const;
  const token = await insertToken(readOnly(database), { ...usual, createdBy: 'admin', ...more, hash });
  return { token, hash };
}

/** A database whose queries are counted. */
function counted(): { readonly pool: Database['pool']; readonly queries: () => number } {
  const pool = openPool(database.url, 1);
  let queries = 0;
  pool.on('acquire', () => (queries += 1));
  return { pool, queries: () => queries };
}

describe('a lookup', () => {
  it.each<[string, Partial<Token>]>([
    ['for all clusters', {}],
    ['for some clusters', { role: 'EVALUATOR', clusters: ['prod', 'test'] }],
    ['for none', { clusters: [] }],
    ['that expires', { expiresAt: new Date('2026-01-02T03:04:05.678Z') }],
  ])('gives a token %s as it was stored', async (_, more) => {
    const { token, hash } = await givenToken(more);
    expect(await createTokenLookup(database)(hash)).toEqual(token);
  });

  it('asks once for all that are asked for together, and answers each', async () => {
    const [one, other] = [await givenToken(), await givenToken()];
    const { pool, queries } = counted();
    const find = createTokenLookup({ pool });
    const hashes = [one.hash, other.hash, randomBytes(32), Buffer.from(one.hash)];
    expect(await Promise.all(hashes.map(find))).toEqual([one.token, other.token, null, one.token]);
    expect(queries()).toBe(1);
    await pool.end();
  });

  it('sees with the next request that a token was revoked', async () => {
    const { token, hash } = await givenToken();
    const find = createTokenLookup(database);
    expect((await find(hash))?.revokedAt).toBeNull();
    const before = find(hash);
    const revoked = await revokeToken(readOnly(database), token.id, new Date());
    expect(await find(hash)).toEqual(revoked);
    await before;
  });

  it('tells each that the database is away', async () => {
    const pool = openPool('postgresql://nobody@127.0.0.1:1/none', 1);
    const find = createTokenLookup({ pool });
    const outcomes = await Promise.allSettled([find(randomBytes(32)), find(randomBytes(32))]);
    const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' });
    expect(outcomes).toEqual([
      { status: 'rejected', reason: unavailable },
      { status: 'rejected', reason: unavailable },
    ]);
    await pool.end();
  });
});
