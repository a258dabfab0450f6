import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';

/** Where the webhook's certificate is. */
export interface TlsFiles {
  /** PEM: the certificate, then those between it and its root. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** PEM: the authorities whose clients may call; null: no client certificates are asked for. */
  readonly clientCa: string | null;
}

/** What is in the files. */
interface TlsContents {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | null;
}

/** Reads the files. Rejects where one can't be read or they don't fit together. */
export async function readTlsFiles({ cert, key, clientCa }: TlsFiles): Promise<TlsContents> {
  const text = (file: string) => readFile(file, 'utf8');
  const [certificate, privateKey, ca] = await Promise.all([
    text(cert),
    text(key),
    clientCa === null ? null : text(clientCa),
  ]);
  const contents = { cert: certificate, key: privateKey, ca };
  createSecureContext(tlsOptions(contents)); // throws where key and certificate don't belong together
  return contents;
}

/** How the server uses them. A client without a certificate is let in: it may identify itself otherwise. */
export function tlsOptions({ cert, key, ca }: TlsContents): TlsOptions {
  const asking = ca === null ? {} : { ca, requestCert: true, rejectUnauthorized: false };
  return { cert, key, minVersion: 'TLSv1.2', ...asking };
}

/** What is done with a server when its files have changed. */
interface ReloadedServer extends Pick<Server, 'setSecureContext'> {
  /** Ends the open connections, which were let in by what the files were before. */
  endConnections(): void;
}

/**
 * Makes a look at the files after each of which a server uses them as they then are; where they can't be used it goes
 * on with those before, and the look rejects. (They are read, not watched: Kubernetes replaces them by moving a link.)
 * Where the authorities of clients are others, connections are ended: one that is open would go on to count for ever.
 */
export function tlsReloader(server: ReloadedServer, files: TlsFiles, used: TlsContents): () => Promise<void> {
  let current = used;
  return async () => {
    const read = await readTlsFiles(files);
    if (isDeepStrictEqual(read, current)) return;
    server.setSecureContext(tlsOptions(read));
    if (read.ca !== current.ca) server.endConnections();
    current = read;
  };
}
