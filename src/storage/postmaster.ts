import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, isRunning } from './process-table.js';
import { StartError } from './start-error.js';

const READY_WITHIN_MS = 120_000;
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 10_000;

/** What a server says of itself in its data directory's postmaster.pid. */
interface PidFile {
  readonly pid: number;
  /** `ready` when it takes connections. */
  readonly status: string;
}

function readPidFile(data: string): PidFile | null {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, status: lines[7]?.trim() ?? '' } : null;
  } catch {
    return null;
  }
}

/** Whether a server that this process started has ended. */
export function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Waits until the server takes connections (after a crash it first replays its log); false when it ended instead. */
export async function waitUntilReady(child: ChildProcess, data: string): Promise<boolean> {
  child.on('error', () => undefined); // a spawn that failed has no pid: hasExited says so
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!hasExited(child)) {
    const file = readPidFile(data);
    if (file?.pid === child.pid && file?.status === 'ready') return true;
    if (Date.now() > deadline) {
      child.kill('SIGQUIT');
      throw new StartError(`PostgreSQL did not get ready within ${READY_WITHIN_MS / 1000} seconds.`);
    }
    await sleep(10);
  }
  return false;
}

/**
 * Stops a server: SIGINT is the fast shutdown, SIGQUIT the immediate one for a server that doesn't end in time (its
 * log is replayed at the next start, nothing committed is lost).
 */
export async function stopServer(pid: number, hasEnded: () => boolean): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
  ] as const) {
    if (hasEnded()) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + patience;
    while (!hasEnded() && Date.now() < deadline) await sleep(10);
  }
}

/**
 * Stops the server that a killed run left behind on a data directory, and clears a postmaster.pid whose process id now
 * belongs to something else (PostgreSQL itself can't tell and would refuse to start). The caller holds the folder's lock.
 */
export async function removeLeftover(data: string): Promise<void> {
  const file = readPidFile(data);
  if (file === null) return;
  if (isServerOn(file.pid, data)) {
    await stopServer(file.pid, () => !isServerOn(file.pid, data));
    if (isServerOn(file.pid, data)) {
      throw new StartError(
        `A PostgreSQL of an earlier run (process ${file.pid}) on ${data} doesn't stop: end it first.`,
      );
    }
  }
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

function isServerOn(pid: number, data: string): boolean {
  if (!isRunning(pid)) return false;
  const line = commandLine(pid);
  // Some platforms hide other users' command lines: then the file is believed.
  return line === null || (line.includes('postgres') && line.includes(realpathSync(data)));
}

/** A look at what a log says from now on: the last FATAL line, else the last line. */
export function logSince(log: string): () => string {
  const start = existsSync(log) ? statSync(log).size : 0;
  return () => {
    if (!existsSync(log)) return '';
    const lines = readFileSync(log).subarray(start).toString('utf8').trim().split('\n');
    const told = lines.findLast((line) => line.includes('FATAL:')) ?? lines.at(-1) ?? '';
    return told.replace(/^.*?(FATAL|LOG|PANIC): {2}/, '');
  };
}
