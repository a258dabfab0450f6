import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createLogger, type Logger } from '../../src/observability/logger.js';
import { recordFolders } from './record-folders.js';

/*
 * What servers under test have written, and what secrets the tests have used: at the end of a run the ones are searched
 * for the others (record-folders.ts).
 */

/** Files of this test file's own. */
const name = randomUUID();
const known = new Set<string>();

/** Notes something that may never be in a log. */
export function noteSecret(secret: string): void {
  if (known.has(secret)) return;
  known.add(secret);
  appendFileSync(join(recordFolders(inject('recordFolder')).secrets, name), `${JSON.stringify(secret)}\n`);
}

/** Settings whose values are secret as a whole, and those with a password inside. */
const SECRET_SETTINGS = ['PODGATE_ADMIN_TOKEN', 'PODGATE_SIGNING_KEY', 'PODGATE_SIGNING_KEY_SECRET'];
const DATABASE_SETTINGS = ['DATABASE_URL', 'PODGATE_MIGRATION_DATABASE_URL'];

/** Notes the secrets among the settings of a process. */
export function noteSecretSettings(environment: Readonly<Record<string, string>>): void {
  for (const setting of SECRET_SETTINGS) {
    const value = environment[setting];
    if (value !== undefined) noteSecret(value);
  }
  for (const setting of DATABASE_SETTINGS) {
    const value = environment[setting];
    if (value !== undefined && URL.canParse(value)) noteSecret(new URL(value).password);
  }
}

/** A place for what one writer says: the text is kept in order, whatever others write meanwhile. */
export function logRecord(writer: string): (text: string) => void {
  const file = join(recordFolders(inject('recordFolder')).logs, `${writer}-${randomUUID()}`);
  return (text) => appendFileSync(file, text);
}

/** Keeps what the embedded server of a data directory has logged; to be called before the directory is removed. */
export function recordServerLog(dataDir: string): void {
  const file = join(dataDir, 'postgres', 'server.log');
  if (existsSync(file)) logRecord('postgres')(readFileSync(file, 'utf8'));
}

/** The program's logger, whose lines go to `write` and are kept for the end of the run. */
export function recordedLogger(level: string, write: (line: string) => void = () => undefined): Logger {
  const record = logRecord('logger');
  return createLogger({
    level,
    destination: {
      write: (line) => {
        record(line);
        write(line);
      },
    },
  });
}
