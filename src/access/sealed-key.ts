import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

const FORMAT = 'scrypt-aes-256-gcm-1';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;

/**
 * Encrypts a text with a secret: scrypt (N = 2^14, r = 8, p = 1, a salt of its own) gives the key of AES-256-GCM. The
 * result opens only together with the name that it was sealed under.
 */
export async function seal(text: string, name: string, secret: string): Promise<string> {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const cipher = createCipheriv('aes-256-gcm', await derive(secret, salt, KEY_BYTES), iv);
  cipher.setAAD(Buffer.from(name));
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const parts = [salt, iv, cipher.getAuthTag(), encrypted].map((part) => part.toString('base64'));
  return [FORMAT, ...parts].join(':');
}

/** What {@link seal} encrypted; null where the secret or the name is another one, or it was altered. */
export async function unseal(sealed: string, name: string, secret: string): Promise<string | null> {
  const [format, ...parts] = sealed.split(':');
  const [salt, iv, tag, encrypted] = parts.map((part) => Buffer.from(part, 'base64'));
  if (format !== FORMAT || !salt || !iv || !tag || !encrypted) return null;
  try {
    const key = await derive(secret, salt, KEY_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(name)).setAuthTag(tag);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
