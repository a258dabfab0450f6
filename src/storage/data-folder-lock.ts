import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isRunning, startMark } from './process-table.js';
import { StartError } from './start-error.js';

/**
 * Takes a data folder for this process; the lock of a process that is gone counts for nothing.
 *
 * @returns the release.
 * @throws StartError when another living podgate has it.
 */
export function lockDataFolder(lockFile: string, dataDir: string): () => void {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${startMark(process.pid) ?? ''}\n`);
  try {
    while (!claim(mine, lockFile)) {
      const holder = livingHolder(lockFile);
      if (holder !== null) {
        throw new StartError(
          `The data directory ${dataDir} is in use by another podgate (process ${holder}): stop it, or choose another PODGATE_DATA_DIR.`,
        );
      }
      discard(lockFile, `${mine}.stale`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(lockFile, { force: true });
}

/** A hard link is made or refused in one step, and appears with its content. */
function claim(mine: string, lockFile: string): boolean {
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function livingHolder(lockFile: string): number | null {
  let text: string;
  try {
    text = readFileSync(lockFile, 'utf8');
  } catch {
    return null;
  }
  const [pid = '', mark = ''] = text.trim().split(' ');
  const holder = Number(pid);
  if (!Number.isInteger(holder) || holder <= 0 || !isRunning(holder)) return null;
  return mark === '' || mark === startMark(holder) ? holder : null;
}

/** Of several that see the same stale lock one moves it away; a living one moved by mistake is put back. */
function discard(lockFile: string, aside: string): void {
  try {
    renameSync(lockFile, aside);
  } catch {
    return;
  }
  if (livingHolder(aside) !== null) claim(aside, lockFile);
  rmSync(aside, { force: true });
}
