import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSecrets } from './find-secrets.js';

/** The folders of a run's record: what servers have logged, and the secrets, one a line as JSON. */
export function recordFolders(record: string): { readonly logs: string; readonly secrets: string } {
  return { logs: join(record, 'logs'), secrets: join(record, 'secrets') };
}

/** Makes the folders and gives their parent back. */
export function makeRecord(record: string): string {
  for (const folder of Object.values(recordFolders(record))) mkdirSync(folder, { recursive: true });
  return record;
}

/** Searches all logs for all secrets, and makes the run fail where there is one. */
export function expectNoSecretInLogs(record: string, more: readonly string[]): void {
  const { logs, secrets } = recordFolders(record);
  const before = process.exitCode;
  process.exitCode = 1; // Vitest ends without asking when this takes too long: that is no success.
  const used = new Set(more);
  for (const text of contents(secrets))
    for (const line of text.trim().split('\n')) used.add(JSON.parse(line) as string); // written by noteSecret
  const leaks = contents(logs).flatMap((text) => findSecrets(text, used));
  if (leaks.length > 0) {
    const shown = leaks.slice(0, 10).map(({ what, line }) => `  ${what}: ${line}`);
    throw new Error(`${leaks.length} secrets are in the logs of this run, ${logs}:\n${shown.join('\n')}`);
  }
  process.exitCode = before;
}

function contents(folder: string): readonly string[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
}
