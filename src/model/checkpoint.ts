import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { VerifyingKey } from './verifying-key.js';

/** HEAD: the log ended there. REMOVAL: what is up to there was removed because its time was over. */
export type CheckpointKind = 'HEAD' | 'REMOVAL';

/** A statement about a cluster's log: the digest of the batch that ends at this sequence. */
export interface CheckpointStatement {
  readonly clusterId: string;
  readonly kind: CheckpointKind;
  readonly sequence: bigint;
  readonly digest: Buffer;
  readonly signedAt: Date;
}

/** A statement with its signature (Ed25519, RFC 8032, over {@link checkpointText}). */
export interface Checkpoint extends CheckpointStatement {
  readonly keyId: string;
  readonly signature: Buffer;
}

/** Signs statements. The private key stays inside. */
export interface SigningKey extends VerifyingKey {
  readonly sign: (statement: CheckpointStatement) => Checkpoint;
}

/** The bytes that are signed: lines, each ended by a line feed. */
export function checkpointText({ clusterId, kind, sequence, digest, signedAt }: CheckpointStatement): Buffer {
  const lines = [
    'podgate checkpoint 1',
    kind,
    clusterId,
    sequence,
    digest.toString('hex'),
    signedAt.toISOString(),
  ];
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

/** Makes a check of signatures against these keys: a sentence about what is wrong, or null. */
export function signatureCheck(keys: readonly VerifyingKey[]): (checkpoint: Checkpoint) => string | null {
  const known = new Map<string, KeyObject>(
    keys.map(({ keyId, publicKey }) => [keyId, createPublicKey(publicKey)]),
  );
  return (checkpoint) => {
    const key = known.get(checkpoint.keyId);
    if (key === undefined) return `it is signed with an unknown key, ${checkpoint.keyId}`;
    return verify(null, checkpointText(checkpoint), key, checkpoint.signature)
      ? null
      : 'its signature is not valid';
  };
}
