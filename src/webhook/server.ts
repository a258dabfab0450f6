import type { RequestListener } from 'node:http';
import { drain, listenOn } from '../http/listen.js';
import { createHttpsServer } from '../http/server-limits.js';
import { openConnections } from './open-connections.js';
import { readTlsFiles, type TlsFiles, tlsOptions, tlsReloader } from './tls-files.js';

/** Where the webhook listens, and with what. */
export interface WebhookListener {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: TlsFiles;
}

/** The webhook's server over TLS. */
export interface WebhookServer {
  start(): Promise<void>;
  /** The base address; null before it listens. */
  address(): string | null;
  /** Looks whether the certificate's files have changed and uses them; rejects where they can't be used. */
  reloadCertificate(): Promise<void>;
  /** Stops accepting and finishes what is in flight. */
  close(): Promise<void>;
}

const LISTENER = { host: 'PODGATE_WEBHOOK_HOST', port: 'PODGATE_WEBHOOK_PORT' };

/** Makes the server. Rejects in one clear line where the certificate or the key can't be used. */
export async function createWebhookServer(
  { host, port, tls }: WebhookListener,
  app: RequestListener,
): Promise<WebhookServer> {
  const contents = await readTlsFiles(tls).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`PODGATE_WEBHOOK_CERT and PODGATE_WEBHOOK_KEY can't be used: ${reason}`, {
      cause: error,
    });
  });
  const server = createHttpsServer(tlsOptions(contents), app);
  const connections = openConnections(server);
  const reloaded = {
    setSecureContext: server.setSecureContext.bind(server),
    endConnections: () => connections.end(),
  };
  let address: string | null = null;
  return {
    address: () => address,
    async start() {
      address = `https://${await listenOn(server, host, port, LISTENER)}`;
    },
    reloadCertificate: tlsReloader(reloaded, tls, contents),
    close: () => drain(server),
  };
}
