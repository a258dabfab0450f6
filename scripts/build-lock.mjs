import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while no other process of this checkout is inside: several builds may run at once, and none may read
 * what another one has half written. A lock left by a process that is gone counts for nothing.
 */
export async function withBuildLock(lockFile, work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    while (!claim(mine, lockFile)) {
      if (!isAlive(holder(lockFile))) discard(lockFile, `${mine}.stale`);
      else await sleep(100);
    }
    try {
      return await work();
    } finally {
      rmSync(lockFile, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A hard link is made or refused in one step, and appears with its content. */
function claim(mine, lockFile) {
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holder(lockFile) {
  try {
    return Number(readFileSync(lockFile, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  if (pid === undefined) return true; // released between two looks: claim again
  try {
    process.kill(pid, 0);
    return pid > 0;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Of several processes that see the same stale lock one moves it away; a living one moved by mistake is put back. */
function discard(lockFile, aside) {
  try {
    renameSync(lockFile, aside);
  } catch {
    return;
  }
  if (isAlive(holder(aside))) claim(aside, lockFile);
  rmSync(aside, { force: true });
}
