import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The admin token of the data directory, and whether this start has made it. */
export interface AdminToken {
  readonly token: string;
  readonly path: string;
  readonly created: boolean;
}

/**
 * Reads `<data dir>/admin-token`, or makes it (mode 0600) at the first start. Several processes that start at once
 * agree on one: the file appears whole or not at all, and the first one stays.
 */
export async function readOrMakeAdminToken(dataDir: string): Promise<AdminToken> {
  const path = join(dataDir, 'admin-token');
  const known = await readToken(path);
  if (known !== null) return { token: known, path, created: false };
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const token = randomBytes(32).toString('base64url');
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${token}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return { token, path, created: true };
  } catch (error) {
    const winner = await readToken(path);
    if (winner === null) throw error;
    return { token: winner, path, created: false };
  } finally {
    await unlink(draft);
  }
}

async function readToken(path: string): Promise<string | null> {
  try {
    const token = (await readFile(path, 'utf8')).trim();
    if (token.length >= 32) return token;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  throw new Error(`${path} does not hold an admin token: remove it, and the next start makes a new one`);
}
