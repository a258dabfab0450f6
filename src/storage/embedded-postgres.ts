import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { lockDataFolder } from './data-folder-lock.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { hasExited, logSince, removeLeftover, stopServer, waitUntilReady } from './postmaster.js';
import { asAccount, type ServerAccount, serverAccount } from './server-account.js';
import { StartError } from './start-error.js';

/** A running PostgreSQL server of this process' own. */
export interface EmbeddedPostgres {
  /** Connection string of a superuser, loopback only, to the database `postgres`. */
  readonly url: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Stops the server (fast shutdown: clients are cut off, everything committed is kept) and frees the data folder. */
  stop(): Promise<void>;
}

/** How to start the server. */
export interface EmbeddedPostgresOptions {
  /** The data directory of podgate: everything of the server is in its folder `postgres`. */
  readonly dataDir: string;
  /** Further settings of the server, such as `fsync: 'off'` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

interface Folders {
  readonly data: string;
  readonly log: string;
  readonly password: string;
}

const USER = 'podgate';
const START_ATTEMPTS = 8;

/**
 * Starts the embedded server, makes its data at the first time and recovers what a killed run left behind.
 *
 * The server is in a process group of its own, so that a signal to podgate's group doesn't stop it under the requests
 * that are being finished.
 *
 * @throws StartError in one line: no server for this platform, data of another major version or in use, no way to start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = findPostgresBinaries();
  const home = makeHome(options.dataDir);
  const folders = {
    data: join(home, 'data'),
    log: join(home, 'server.log'),
    password: join(home, 'password'),
  };
  const unlock = lockDataFolder(join(home, 'lock'), options.dataDir);
  try {
    checkMajorVersion(folders.data, binaries, options.dataDir);
    const account = serverAccount(folders.data);
    if (existsSync(folders.data)) await removeLeftover(folders.data);
    else await initialise(folders, binaries, account);
    const { child, port } = await start(folders, binaries, account, options.settings ?? {});
    const password = readFileSync(folders.password, 'utf8').trim();
    const pid = child.pid ?? 0;
    return {
      url: `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`,
      pid,
      stop: async () => {
        await stopServer(pid, () => hasExited(child));
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function makeHome(dataDir: string): string {
  try {
    const home = join(dataDir, 'postgres');
    mkdirSync(home, { recursive: true });
    return realpathSync(home);
  } catch (error) {
    throw new StartError(
      `The data directory ${dataDir} can't be made (PODGATE_DATA_DIR): ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function checkMajorVersion(data: string, binaries: PostgresBinaries, dataDir: string): void {
  const file = join(data, 'PG_VERSION');
  if (!existsSync(file)) {
    if (!existsSync(data)) return;
    throw new StartError(`${data} is no data directory of PostgreSQL (it has no PG_VERSION): move it away.`);
  }
  const found = readFileSync(file, 'utf8').trim();
  if (found !== binaries.majorVersion) {
    throw new StartError(
      `The data in ${dataDir} is of PostgreSQL ${found}, this podgate brings PostgreSQL ${binaries.majorVersion}: move the data with pg_dump, or choose another PODGATE_DATA_DIR.`,
    );
  }
}

/** initdb in a folder beside, moved into place when it is whole: a killed run leaves nothing half-made. */
async function initialise(
  folders: Folders,
  binaries: PostgresBinaries,
  account: ServerAccount | null,
): Promise<void> {
  const fresh = `${folders.data}.new`;
  const passwordFile = `${folders.data}.password`;
  const password = randomBytes(24).toString('hex');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== null) for (const path of [fresh, passwordFile]) chownSync(path, account.uid, account.gid);
  const args = [
    `--pgdata=${fresh}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  const { command, args: all, ...ids } = asAccount(account, binaries.initdb, args, [fresh, passwordFile]);
  try {
    await promisify(execFile)(command, all, { ...ids, cwd: '/', env: serverEnvironment });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new StartError(`PostgreSQL's data directory can't be made: ${lastLine(messageOf(error))}`, {
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  writeFileSync(folders.password, `${password}\n`, { mode: 0o600 });
  renameSync(fresh, folders.data);
}

/** Nothing of this process' environment reaches the server: PGOPTIONS, an unknown LC_ALL or TZ could break it. */
const serverEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

async function start(
  folders: Folders,
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  settings: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const said = logSince(folders.log);
    const child = spawnServer(folders, binaries, account, { ...settings, port: String(port) });
    if (await waitUntilReady(child, folders.data)) {
      return { child, port };
    }
    const reason = said();
    // A port taken since it was looked for, or backends of a killed server that have not yet gone.
    const passes = /Address already in use|could not create any TCP\/IP|pre-existing shared memory|lock file/;
    if (attempt >= START_ATTEMPTS || !passes.test(reason)) {
      throw new StartError(`PostgreSQL did not start: ${reason || 'it said nothing'} (see ${folders.log})`);
    }
    await sleep(250 * attempt);
  }
}

function spawnServer(
  folders: Folders,
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  settings: Readonly<Record<string, string>>,
): ChildProcess {
  const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', logging_collector: 'off' };
  const switches = Object.entries({ ...fixed, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const args = ['-D', folders.data, ...switches];
  const { command, args: all, ...ids } = asAccount(account, binaries.postgres, args, [folders.data]);
  const log = openSync(folders.log, 'a', 0o600);
  try {
    const stdio = ['ignore', log, log] as const;
    return spawn(command, all, {
      ...ids,
      cwd: '/',
      env: serverEnvironment,
      detached: true,
      stdio: [...stdio],
    });
  } finally {
    closeSync(log);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
