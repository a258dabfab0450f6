import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenHash } from '../../../src/access/token.js';
import { createTokenUse } from '../../../src/operations/access/token-use.js';
import { createToken, listTokens, revokeToken } from '../../../src/operations/access/tokens.js';
import { listChanges } from '../../../src/operations/changes/list-changes.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import type { Database } from '../../../src/storage/database.js';
import { createTokenLookup, type FindTokenByHash } from '../../../src/storage/token-lookup.js';
import { testDatabase } from '../../support/database.js';
import { ADMIN, contextOf, testServices } from '../../support/operation-context.js';

let database: Database;
let context: OperationContext;
let findTokenByHash: FindTokenByHash;

beforeAll(async () => {
  database = await testDatabase();
  findTokenByHash = createTokenLookup(database);
  context = contextOf(testServices(database));
  await saveCluster(context, { name: 'prod' });
});

const CI = { name: 'ci', role: 'EVALUATOR', clusters: ['prod'], expiresAt: null } as const;

describe('tokens', () => {
  it('are found by their secret only, which is nowhere stored', async () => {
    const { token, secret } = await createToken(context, CI);
    expect(await findTokenByHash(tokenHash(secret))).toEqual(token);
    const { rows } = await database.pool.query('SELECT tokens::text AS row FROM tokens');
    expect(JSON.stringify(rows)).not.toContain(secret.slice(8, 40));
  });

  it('are revoked at once and stay listed', async () => {
    const { token, secret } = await createToken(context, { ...CI, name: 'revoked' });
    const revoked = await revokeToken(context, token.id);
    expect(revoked.revokedAt).toBeInstanceOf(Date);
    expect((await revokeToken(context, token.id)).revokedAt).toEqual(revoked.revokedAt);
    expect((await findTokenByHash(tokenHash(secret)))?.revokedAt).toEqual(revoked.revokedAt);
    const { edges } = await listTokens(context, { first: 100, after: null });
    expect(edges.map(({ node }) => node.name)).toContain('revoked');
  });

  it('are revoked once where several do it at the same moment, and recorded so', async () => {
    const { token } = await createToken(context, { ...CI, name: 'revoked-at-once' });
    const blocker = await database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM tokens WHERE id = $1 FOR UPDATE', [token.id]);
    const revoking = Promise.all([1, 2, 3].map(() => revokeToken(context, token.id)));
    await sleep(200);
    await blocker.query('COMMIT');
    blocker.release();
    const [first, ...others] = (await revoking).map(({ revokedAt }) => revokedAt);
    expect(first).toBeInstanceOf(Date);
    expect(others).toEqual([first, first]);
    const { edges } = await listChanges(context, { first: 100, after: null });
    const recorded = edges.filter(({ node }) => node.action === 'TOKEN_REVOKED');
    expect(recorded.filter(({ node }) => node.details['name'] === 'revoked-at-once')).toHaveLength(1);
  });

  it.each(['x', '00000000-0000-7000-8000-000000000000'])('are not known by the id %s', async (id) => {
    await expect(revokeToken(context, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are refused with every problem at once', async () => {
    const input = { name: 'a b', role: 'VIEWER', clusters: ['nowhere'], expiresAt: new Date(0) } as const;
    await expect(createToken(context, input)).rejects.toMatchObject({
      code: 'INVALID',
      problems: [{ pointer: '/name' }, { pointer: '/expiresAt' }, { pointer: '/clusters/0' }],
    });
  });

  it('name clusters that there are, each unknown one with its place', async () => {
    const input = { ...CI, name: 'some', clusters: ['prod', 'nowhere', 'Prod', 'prod', 'nul\0', 'nowhere'] };
    await expect(createToken(context, input)).rejects.toMatchObject({
      problems: [1, 2, 4, 5].map((index) => ({
        field: `clusters[${index}]`,
        pointer: `/clusters/${index}`,
        value: input.clusters[index],
      })),
    });
    const { token } = await createToken(context, { ...input, clusters: ['prod', 'prod'] });
    expect(token.clusters).toEqual(['prod', 'prod']);
  });

  it('have a name of their own until they are revoked', async () => {
    const { token } = await createToken(context, { ...CI, name: 'twice' });
    await expect(createToken(context, { ...CI, name: 'twice' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'There is a token "twice" already: revoke it first, or choose another name',
      problems: [{ pointer: '/name' }],
    });
    await revokeToken(context, token.id);
    await expect(createToken(context, { ...CI, name: 'twice' })).resolves.toMatchObject({
      token: { name: 'twice' },
    });
  });

  it('are limited to so many clusters, which are not looked up beyond', async () => {
    const input = { ...CI, name: 'many', clusters: Array.from({ length: 1_001 }, () => 'nowhere') };
    await expect(createToken(context, input)).rejects.toMatchObject({
      problems: [{ message: 'clusters must have at most 1000 entries', pointer: '/clusters' }],
    });
  });

  it('are made by admins of all clusters only', async () => {
    for (const principal of [
      { ...ADMIN, role: 'EDITOR' as const },
      { ...ADMIN, clusters: ['prod'] },
    ]) {
      const limited = contextOf(context.services, principal);
      await expect(createToken(limited, { ...CI, name: 'no' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
  });

  it('tell when they were last used', async () => {
    const { token, secret } = await createToken(context, { ...CI, name: 'used' });
    const at = new Date('2030-01-01T00:00:00Z');
    const use = createTokenUse(database, () => at);
    await use.flush();
    use.note(token.id);
    await use.flush();
    expect((await findTokenByHash(tokenHash(secret)))?.lastUsedAt).toEqual(at);
  });

  it('tell it also where it could not be noted at once', async () => {
    const tokens = [];
    for (const name of ['before', 'both', 'after']) tokens.push(await createToken(context, { ...CI, name }));
    const [before, both, after] = tokens.map(({ token }) => token.id);
    let minute = 0;
    const use = createTokenUse(database, () => new Date(Date.UTC(2030, 0, 1, 0, minute)));
    const note = (...ids: readonly (string | undefined)[]) => {
      minute += 1;
      for (const id of ids) use.note(id ?? '');
    };
    note(before, both);
    await database.pool.query('ALTER TABLE tokens RENAME TO tokens_away');
    await expect(use.flush()).rejects.toThrow();
    await database.pool.query('ALTER TABLE tokens_away RENAME TO tokens');
    note(both, after);
    minute = 30;
    await use.flush();
    const found = await Promise.all(tokens.map(({ secret }) => findTokenByHash(tokenHash(secret))));
    expect(found.map((token) => token?.lastUsedAt?.getUTCMinutes())).toEqual([1, 2, 2]);
  });
});
