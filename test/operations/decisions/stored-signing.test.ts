import { beforeEach, describe, expect, test } from 'vitest';
import { seal } from '../../../src/access/sealed-key.js';
import { makeSigningKey } from '../../../src/access/signing-key.js';
import type { Signing } from '../../../src/operations/context.js';
import { signCheckpoints } from '../../../src/operations/decisions/keep-log.js';
import { listSigningKeys } from '../../../src/operations/decisions/signing-keys.js';
import { createStoredSigning } from '../../../src/operations/decisions/stored-signing.js';
import { verifyDecisions } from '../../../src/operations/decisions/verify-decisions.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, testServices } from '../../support/operation-context.js';
import { appendTo, givenCluster, newDecision } from '../../support/records.js';

const database = await testDatabase();
const SECRET = 'the secret of all replicas';
/** A server that has just started. */
const server = (secret = SECRET): Signing => createStoredSigning(database, secret, []);
/** What an operator runs to change the key. */
const retire = () =>
  database.pool.query('UPDATE signing_keys SET retired_at = now() WHERE retired_at IS NULL');

beforeEach(() => database.pool.query('DELETE FROM signing_keys'));

describe('servers with one secret', () => {
  test('share the key that the first of them makes, also when they start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 6 }, () => server().key()));
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1);
    const { rows } = await database.pool.query('SELECT key_id, sealed FROM signing_keys');
    expect(rows).toEqual([{ key_id: keys[0]?.keyId, sealed: expect.not.stringContaining('PRIVATE') }]);
    expect((await server().key()).keyId).toBe(keys[0]?.keyId);
  });

  test('tell what is wrong where the secret is another one, and make no key of their own', async () => {
    await server().key();
    const wrong = server('some other secret!');
    const said = /^PODGATE_SIGNING_KEY_SECRET does not open the signing key in the database/;
    await expect(wrong.key()).rejects.toThrow(said);
    await expect(wrong.key()).rejects.toThrow(said);
    expect((await database.pool.query('SELECT FROM signing_keys')).rowCount).toBe(1);
  });

  test('take a new key at their next start, and count the checkpoints of both meanwhile', async () => {
    const cluster = await givenCluster(database);
    const [old, another] = [server(), server()];
    const withKeys = (signing: Signing) => testServices(database, { signing });
    const grow = async (signing: Signing) => {
      await appendTo(database, cluster, newDecision(cluster));
      await signCheckpoints(withKeys(signing));
    };
    await grow(old);
    await retire();
    const restarted = server();
    expect((await restarted.key()).keyId).not.toBe((await old.key()).keyId);
    await grow(restarted);
    // One that wasn't restarted goes on with the old key, and knows the new one when it meets it.
    await grow(another);
    for (const signing of [old, another, restarted, server()]) {
      const context = contextOf(withKeys(signing));
      expect(await verifyDecisions(context, { cluster: cluster.name })).toMatchObject({
        valid: true,
        checked: 3n,
      });
    }
    const published = await listSigningKeys(contextOf(withKeys(restarted)));
    expect(published.map(({ keyId, current }) => [keyId, current])).toEqual([
      [(await restarted.key()).keyId, true],
      [(await old.key()).keyId, false],
    ]);
  });

  test('take a new secret with a new key; the old key then counts only where it is trusted by name', async () => {
    const old = await server().key();
    await retire();
    const changed = server('a new secret of all replicas');
    expect((await changed.key()).keyId).not.toBe(old.keyId);
    expect((await changed.trusted()).map(({ keyId }) => keyId)).not.toContain(old.keyId);
    const trusting = createStoredSigning(database, 'a new secret of all replicas', [old]);
    expect((await trusting.trusted()).map(({ keyId }) => keyId)).toContain(old.keyId);
  });

  test('do not trust a key that somebody without the secret has put into the database', async () => {
    const signing = server();
    await signing.key();
    const { key, pem } = makeSigningKey();
    await database.pool.query(
      'INSERT INTO signing_keys (key_id, sealed, retired_at) VALUES ($1, $2, now())',
      [key.keyId, await seal(pem, key.keyId, 'the secret of somebody')],
    );
    expect((await signing.trusted()).map(({ keyId }) => keyId)).not.toContain(key.keyId);
  });
});
