import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { logRecord, noteSecretSettings, recordServerLog } from '../support/run-record.js';

const MAIN = resolve(import.meta.dirname, '../../dist/src/main.js');

/** A Podgate process as a user would start it, with what it has said so far. */
export interface Served {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The base address, once it says that it listens; rejects where it ends first. */
  readonly ready: Promise<string>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** A folder that is removed after the test, with a blank in its name. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'podgate process-'));
  onTestFinished(async () => {
    recordServerLog(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

/** Starts the built program, or another build's, in a process group of its own; it is killed after the test where it still runs. */
export function serve(environment: Readonly<Record<string, string>>, main = MAIN): Served {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'] ?? '', PODGATE_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said = { stdout: '', stderr: '' };
  noteSecretSettings(environment);
  const record = { stdout: logRecord('stdout'), stderr: logRecord('stderr') };
  const hear = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    said[stream] += chunk.toString();
    record[stream](chunk.toString());
  };
  const ended = once(child, 'close').then(
    ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? null,
  );
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', hear('stdout')).on('data', () => {
      const match = /^podgate listening on (\S+)$/m.exec(said.stdout);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.stderr.on('data', hear('stderr'));
    void ended.then((code) => reject(new Error(`ended with ${code}: ${said.stderr}`)));
  });
  ready.catch(() => undefined); // who waits for it sees the failure; a test that expects the end doesn't wait
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { child, stdout: () => said.stdout, stderr: () => said.stderr, ready, ended };
}
