import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** A public key with which checkpoints are checked. */
export interface VerifyingKey {
  /** The first 16 hex digits of the SHA-256 of the key's SubjectPublicKeyInfo (DER). */
  readonly keyId: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
}

/** A public key as it is told to clients. */
export interface PublishedKey extends VerifyingKey {
  readonly algorithm: 'Ed25519';
  /** Whether new checkpoints are signed with it. */
  readonly current: boolean;
}

/** The key with the id under which it is known. */
export function verifyingKeyOf(key: KeyObject): VerifyingKey {
  const der = key.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha256').update(der).digest('hex').slice(0, 16);
  return { keyId, publicKey: key.export({ type: 'spki', format: 'pem' }).toString() };
}

/** Reads an Ed25519 public key: SubjectPublicKeyInfo in PEM or, without armour, in base64. Throws where it is neither. */
export function parseVerifyingKey(text: string): VerifyingKey {
  const pem = text.includes('BEGIN')
    ? text.replaceAll('\\n', '\n')
    : `-----BEGIN PUBLIC KEY-----\n${text.trim()}\n-----END PUBLIC KEY-----`;
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 public key');
  return verifyingKeyOf(key);
}

const PEM_BLOCK = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g;

/**
 * Reads the Ed25519 public keys of a file: one or several in PEM, one in base64, or what `GET /v1/signing-keys` answers.
 * Throws where it is none of them.
 */
export function parseVerifyingKeys(text: string): readonly VerifyingKey[] {
  if (text.trimStart().startsWith('{')) {
    const { keys } = JSON.parse(text) as { keys: readonly { publicKey: string }[] };
    return keys.map(({ publicKey }) => parseVerifyingKey(publicKey));
  }
  return (text.match(PEM_BLOCK) ?? [text]).map(parseVerifyingKey);
}
