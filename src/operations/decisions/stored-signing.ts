import { makeSigningKey, parseSigningKey } from '../../access/signing-key.js';
import { seal, unseal } from '../../access/sealed-key.js';
import type { SigningKey } from '../../model/checkpoint.js';
import type { VerifyingKey } from '../../model/verifying-key.js';
import type { Database } from '../../storage/database.js';
import { insertSealedKey, listSealedKeys, type SealedKey } from '../../storage/signing-keys.js';
import { readOnly } from '../../storage/transaction.js';
import type { Signing } from '../context.js';

/**
 * The keys that replicas share through the database, encrypted with a secret that only they know. Whoever comes first
 * makes the key that signs; retired ones count as long as the secret opens them, and beside them `trusted`. That the
 * secret opens a key shows that it was made by somebody who knows it: a row that an intruder added counts for nothing.
 *
 * `key` rejects where the secret doesn't open the key that signs.
 */
export function createStoredSigning(
  database: Database,
  secret: string,
  trusted: readonly VerifyingKey[],
): Signing {
  const opened = new Map<string, Promise<SigningKey | null>>();
  let current: Promise<SigningKey> | null = null;

  function open({ keyId, sealed }: SealedKey): Promise<SigningKey | null> {
    const known = opened.get(sealed) ?? unsealKey(keyId, sealed, secret);
    opened.set(sealed, known);
    return known;
  }

  async function findCurrent(): Promise<SigningKey> {
    const tx = readOnly(database);
    const find = async () => (await listSealedKeys(tx)).find(({ retiredAt }) => retiredAt === null);
    const stored = (await find()) ?? (await store().then(find));
    const key = stored === undefined ? null : await open(stored);
    if (key === null) {
      throw new Error(
        'PODGATE_SIGNING_KEY_SECRET does not open the signing key in the database: it is not the secret with which the first server started',
      );
    }
    return key;
  }

  async function store(): Promise<void> {
    const { pem, key } = makeSigningKey();
    await insertSealedKey(readOnly(database), {
      keyId: key.keyId,
      sealed: await seal(pem, key.keyId, secret),
    });
  }

  return {
    key() {
      const finding = current ?? findCurrent();
      current = finding;
      // Where the database is away it is looked for again the next time.
      finding.catch(() => {
        current = null;
      });
      return finding;
    },
    async trusted() {
      const keys = await Promise.all((await listSealedKeys(readOnly(database))).map(open));
      return [...keys.filter((key) => key !== null), ...trusted];
    },
  };
}

async function unsealKey(keyId: string, sealed: string, secret: string): Promise<SigningKey | null> {
  const pem = await unseal(sealed, keyId, secret);
  return pem === null ? null : parseSigningKey(pem);
}
