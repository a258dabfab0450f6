import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a file holds, and whether it was made just now. */
export interface SecretFile {
  readonly content: string;
  readonly created: boolean;
}

/**
 * Reads a secret from its file, or makes it (mode 0600) where there is none. Several processes that start at once agree
 * on one: the file appears whole or not at all, and the first one stays. What doesn't pass `check` is an error.
 */
export async function readOrMakeSecret(
  path: string,
  make: () => string,
  check: (content: string) => boolean,
  what: string,
): Promise<SecretFile> {
  const known = await read(path, check, what);
  if (known !== null) return { content: known, created: false };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const content = make();
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${content}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return { content, created: true };
  } catch (error) {
    const winner = await read(path, check, what);
    if (winner === null) throw error;
    return { content: winner, created: false };
  } finally {
    await unlink(draft);
  }
}

async function read(path: string, check: (content: string) => boolean, what: string): Promise<string | null> {
  try {
    const content = (await readFile(path, 'utf8')).trim();
    if (check(content)) return content;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  throw new Error(`${path} does not hold ${what}: remove it, and the next start makes a new one`);
}
