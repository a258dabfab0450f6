import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartError } from './start-error.js';

/** An unprivileged account of the operating system. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** How to run a program: what `spawn` takes. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

const SETPRIV = '/usr/bin/setpriv';

/**
 * The account under which the PostgreSQL server must run, or null for that of this process. PostgreSQL refuses to run
 * as root; then it is the owner of existing data, else `postgres` or `nobody` of /etc/passwd (initdb wants a name).
 *
 * @throws StartError when this process isn't root and the data belongs to someone else, and when root finds no account.
 */
export function serverAccount(dataFolder: string): ServerAccount | null {
  const owner = existsSync(dataFolder) ? statSync(dataFolder).uid : null;
  const self = process.getuid?.() ?? null;
  if (self !== 0) {
    if (owner !== null && self !== null && owner !== self) {
      throw new StartError(
        `The data in ${dataFolder} belongs to another user (uid ${owner}): start as that user or as root, or choose another PODGATE_DATA_DIR.`,
      );
    }
    return null;
  }
  const accounts = readAccounts();
  const account =
    owner === null || owner === 0
      ? (accounts.find(({ name }) => name === 'postgres') ?? accounts.find(({ name }) => name === 'nobody'))
      : accounts.find(({ uid }) => uid === owner);
  if (account === undefined) {
    throw new StartError(
      'PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it as: start podgate as an ordinary user, or set DATABASE_URL.',
    );
  }
  return account;
}

function readAccounts(): readonly ServerAccount[] {
  if (!existsSync('/etc/passwd')) return [];
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 7)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/**
 * How to run one of the server's programs under an account. Where a folder on the way to `paths` is closed to the
 * account (a checkout under /root), the program keeps root's right to pass through folders and read
 * (CAP_DAC_READ_SEARCH, by util-linux' setpriv) and nothing else of root's rights.
 *
 * @throws StartError naming the closed folder where that isn't possible.
 */
export function asAccount(
  account: ServerAccount | null,
  command: string,
  args: readonly string[],
  paths: readonly string[],
): Invocation {
  if (account === null) return { command, args };
  const closed = [command, ...paths].map((path) => closedFolder(path, account)).find((path) => path !== null);
  if (closed === undefined) return { command, args, uid: account.uid, gid: account.gid };
  if (!mayPassOn('CAP_DAC_READ_SEARCH')) {
    throw new StartError(
      `PostgreSQL runs as user ${account.name}, because it refuses to run as root, and that user can't pass through ${closed}. Open that folder (chmod o+x), move podgate or PODGATE_DATA_DIR elsewhere, or start as an ordinary user.`,
    );
  }
  const capability = '-all,+dac_read_search';
  const drop = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  // access(2), by which PostgreSQL looks for its own programs, heeds capabilities only with this secure bit.
  const keep = ['--securebits=+no_setuid_fixup', `--inh-caps=${capability}`, `--ambient-caps=${capability}`];
  return { command: SETPRIV, args: [...drop, ...keep, '--', command, ...args] };
}

/** The first folder on the way to a path that the account can't pass through, or null. */
function closedFolder(path: string, account: ServerAccount): string | null {
  const folders: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return folders.find((folder) => existsSync(folder) && !mayPass(folder, account)) ?? null;
}

function mayPass(folder: string, account: ServerAccount): boolean {
  const { uid, gid, mode } = statSync(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Whether this process has a capability (bit 2 of the mask is CAP_DAC_READ_SEARCH) and the tool to pass it on. */
function mayPassOn(capability: 'CAP_DAC_READ_SEARCH'): boolean {
  const bit = { CAP_DAC_READ_SEARCH: 2n }[capability];
  try {
    accessSync(SETPRIV, constants.X_OK);
    const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return mask !== undefined && (BigInt(`0x${mask}`) & (1n << bit)) !== 0n;
  } catch {
    return false;
  }
}
