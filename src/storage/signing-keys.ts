import type { Tx } from './transaction.js';

/** An encrypted private key. */
export interface SealedKey {
  readonly keyId: string;
  readonly sealed: string;
  /** When it stopped to be the one that signs; null for that one. */
  readonly retiredAt: Date | null;
}

/** All keys, the one that signs first and then the newest. */
export async function listSealedKeys(tx: Tx): Promise<readonly SealedKey[]> {
  return tx.$queryRaw<SealedKey[]>`
    SELECT key_id AS "keyId", sealed, retired_at AS "retiredAt" FROM signing_keys
    ORDER BY retired_at DESC NULLS FIRST, created_at DESC`;
}

/** Stores the key that signs, unless another process has just stored one. */
export async function insertSealedKey(
  tx: Tx,
  { keyId, sealed }: Omit<SealedKey, 'retiredAt'>,
): Promise<void> {
  await tx.$executeRaw`INSERT INTO signing_keys (key_id, sealed) VALUES (${keyId}, ${sealed}) ON CONFLICT DO NOTHING`;
}
