import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import { checkpointText, type SigningKey } from '../model/checkpoint.js';
import { verifyingKeyOf } from '../model/verifying-key.js';
import { readOrMakeSecret } from './secret-file.js';

/** The key of the data directory (`signing-key`, PEM, mode 0600), which is made at the first start. */
export async function readOrMakeSigningKey(dataDir: string): Promise<SigningKey> {
  const { content } = await readOrMakeSecret(
    join(dataDir, 'signing-key'),
    () => makeSigningKey().pem,
    (text) => readPrivateKey(text) !== null,
    'an Ed25519 private key',
  );
  return parseSigningKey(content);
}

/** A new key, and what {@link parseSigningKey} reads it from. */
export function makeSigningKey(): { readonly pem: string; readonly key: SigningKey } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
  return { pem, key: parseSigningKey(pem) };
}

/**
 * Reads an Ed25519 private key: PKCS #8 in PEM (in one line, line feeds may be written `\n`), or its 32-byte seed in
 * base64. Throws where it is neither.
 */
export function parseSigningKey(text: string): SigningKey {
  const key = readPrivateKey(text);
  if (key === null) throw new Error('not an Ed25519 private key');
  const verifying = verifyingKeyOf(createPublicKey(key));
  return {
    ...verifying,
    sign: (statement) => ({
      ...statement,
      keyId: verifying.keyId,
      signature: sign(null, checkpointText(statement), key),
    }),
  };
}

/** What comes before the seed in the PKCS #8 form of an Ed25519 key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

function readPrivateKey(text: string): KeyObject | null {
  try {
    const key = text.includes('BEGIN') ? createPrivateKey(text.replaceAll('\\n', '\n')) : fromSeed(text);
    return key?.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

function fromSeed(text: string): KeyObject | null {
  const seed = Buffer.from(text, 'base64');
  if (seed.length !== SEED_BYTES) return null;
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}
