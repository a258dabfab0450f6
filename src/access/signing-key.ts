import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { join } from 'node:path';
import { checkpointText, type SigningKey, type VerifyingKey } from '../model/checkpoint.js';
import { readOrMakeSecret } from './secret-file.js';

/** The key of the data directory (`signing-key`, PEM, mode 0600), which is made at the first start. */
export async function readOrMakeSigningKey(dataDir: string): Promise<SigningKey> {
  const { content } = await readOrMakeSecret(
    join(dataDir, 'signing-key'),
    () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim(),
    (text) => readPrivateKey(text) !== null,
    'an Ed25519 private key',
  );
  return parseSigningKey(content);
}

/**
 * Reads an Ed25519 private key: PKCS #8 in PEM (in one line, line feeds may be written `\n`), or its 32-byte seed in
 * base64. Throws where it is neither.
 */
export function parseSigningKey(text: string): SigningKey {
  const key = readPrivateKey(text);
  if (key === null) throw new Error('not an Ed25519 private key');
  const verifying = describe(createPublicKey(key));
  return {
    ...verifying,
    sign: (statement) => ({
      ...statement,
      keyId: verifying.keyId,
      signature: sign(null, checkpointText(statement), key),
    }),
  };
}

/** Reads an Ed25519 public key: SubjectPublicKeyInfo in PEM or, without armour, in base64. Throws where it is neither. */
export function parseVerifyingKey(text: string): VerifyingKey {
  const pem = text.includes('BEGIN')
    ? text.replaceAll('\\n', '\n')
    : `-----BEGIN PUBLIC KEY-----\n${text.trim()}\n-----END PUBLIC KEY-----`;
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 public key');
  return describe(key);
}

function describe(key: KeyObject): VerifyingKey {
  const der = key.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha256').update(der).digest('hex').slice(0, 16);
  return { keyId, publicKey: key.export({ type: 'spki', format: 'pem' }).toString() };
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
