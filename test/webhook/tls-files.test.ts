import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { makeCertificate } from '../../src/cli/certificate/make-certificate.js';
import { readTlsFiles, tlsReloader } from '../../src/webhook/tls-files.js';

const folder = mkdtempSync(join(tmpdir(), 'podgate-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), clientCa: null };

function writeCertificate(host: string) {
  const made = makeCertificate({ hosts: [host], notBefore: new Date(), days: 1 });
  writeFileSync(files.cert, made.certificate);
  writeFileSync(files.key, made.key);
  return made;
}

test('a changed certificate is used, and one that does not fit its key is not', async () => {
  writeCertificate('one.example');
  const server = { setSecureContext: vi.fn(), endConnections: vi.fn() };
  const reload = tlsReloader(server, files, await readTlsFiles(files));
  await reload();
  expect(server.setSecureContext).not.toHaveBeenCalled();

  const { certificate, key } = writeCertificate('two.example');
  await reload();
  expect(server.setSecureContext).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ cert: certificate, key }),
  );

  writeCertificate('three.example');
  writeFileSync(files.key, key);
  await expect(reload()).rejects.toThrow(/key values mismatch|mismatch/i);
  expect(server.setSecureContext).toHaveBeenCalledTimes(1);
  // API servers go on with the connections that they have.
  expect(server.endConnections).not.toHaveBeenCalled();
});
