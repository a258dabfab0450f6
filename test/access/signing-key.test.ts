import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSigningKey, readOrMakeSigningKey } from '../../src/access/signing-key.js';
import { parseVerifyingKey } from '../../src/model/verifying-key.js';
import { signatureCheck } from '../../src/model/checkpoint.js';

const folder = () => mkdtempSync(join(tmpdir(), 'podgate-key-'));
const statement = {
  clusterId: '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c11',
  kind: 'HEAD',
  sequence: 7n,
  digest: Buffer.from('ab', 'hex'),
  signedAt: new Date(0),
} as const;

describe('the signing key of a data directory', () => {
  test('is made once, for its owner alone, and is the same at the next start', async () => {
    const dataDir = join(folder(), 'data');
    const [first, second] = await Promise.all([readOrMakeSigningKey(dataDir), readOrMakeSigningKey(dataDir)]);
    expect(second.keyId).toBe(first.keyId);
    expect((await readOrMakeSigningKey(dataDir)).publicKey).toBe(first.publicKey);
    expect(statSync(join(dataDir, 'signing-key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, 'signing-key'), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  test('is not replaced where the file holds something else', async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'signing-key'), 'nonsense');
    await expect(readOrMakeSigningKey(dataDir)).rejects.toThrow(
      /signing-key does not hold an Ed25519 private key/,
    );
  });
});

describe('a signing key of the configuration', () => {
  test('is the same as a seed, in PEM, and in PEM on one line', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('base64');
    const ids = [pem, pem.replaceAll('\n', '\\n'), seed].map((text) => parseSigningKey(text).keyId);
    expect(new Set(ids).size).toBe(1);
  });

  test.each([
    ['nothing', ''],
    ['a short seed', Buffer.alloc(31).toString('base64')],
    [
      'another kind of key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('is refused where it is %s', (_, text) => {
    expect(() => parseSigningKey(text)).toThrow('not an Ed25519 private key');
  });
});

describe('a signature', () => {
  const key = parseSigningKey(Buffer.alloc(32, 1).toString('base64'));
  const check = signatureCheck([parseVerifyingKey(key.publicKey)]);

  test('is valid for the statement that was signed', () => {
    expect(check(key.sign(statement))).toBeNull();
  });

  test.each([
    ['another sequence', { sequence: 8n }],
    ['another kind', { kind: 'REMOVAL' as const }],
    ['another digest', { digest: Buffer.alloc(32) }],
    ['another cluster', { clusterId: '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c12' }],
    ['another time', { signedAt: new Date(1) }],
  ])('is not valid for %s', (_, change) => {
    expect(check({ ...key.sign(statement), ...change })).toBe('its signature is not valid');
  });
});
