import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded-postgres.js';
import { noteSecret, recordServerLog } from '../support/run-record.js';
import { openProxy, type Proxy } from './proxy.js';

/** A PostgreSQL of the test's own, behind an address that stays the same when it is started again. */
export interface OwnDatabase {
  /** The database behind the proxy: what the service is given. */
  readonly url: string;
  /** The database itself, as it is now. */
  readonly directUrl: () => string;
  readonly proxy: Proxy;
  /** Kills the server with SIGKILL, and starts it again on the same data. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** Starts a server with fsync on, its data in a folder that is removed after the test. */
export async function ownDatabase(dataDir: string = temporaryFolder()): Promise<OwnDatabase> {
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir });
  let running = true;
  noteSecret(new URL(server.url).password);
  const portOf = () => Number(new URL(server.url).port);
  const proxy = await openProxy(portOf());
  onTestFinished(async () => {
    await proxy.close();
    if (running) await server.stop();
    recordServerLog(dataDir);
  });
  const url = new URL(server.url);
  url.port = String(proxy.port);
  return {
    url: url.href,
    directUrl: () => server.url,
    proxy,
    kill: async () => {
      running = false;
      for (const child of childrenOf(server.pid)) kill(child);
      kill(server.pid);
      await server.stop(); // frees the data folder for the next start
    },
    start: async () => {
      server = await startEmbeddedPostgres({ dataDir });
      running = true;
      proxy.lead(portOf());
    },
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'podgate-failure-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function childrenOf(pid: number): readonly number[] {
  try {
    return execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
      .map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
