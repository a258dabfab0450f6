import {
  destination as fileDestination,
  type DestinationStream,
  type Logger,
  pino,
  stdTimeFunctions,
} from 'pino';
import { maskSecrets } from './mask-secrets.js';

export type { Level, Logger } from 'pino';

/** How much is logged, and where to; without a destination to standard error. */
export interface LoggerOptions {
  readonly level: string;
  readonly destination?: DestinationStream;
}

const STANDARD_ERROR = 2;

/** Members that may hold a secret: never written, wherever they are up to two levels deep. */
const SECRET_MEMBERS = [
  'authorization',
  'token',
  'secret',
  'password',
  'adminToken',
  'databaseUrl',
  'connectionString',
];

/**
 * Makes the logger: JSON lines with an ISO time, a level by name and without secrets. Whatever reaches it, each line is
 * searched once more for what looks like a credential before it is written.
 */
export function createLogger(options: LoggerOptions): Logger {
  const sink = options.destination ?? fileDestination({ dest: STANDARD_ERROR, sync: true });
  const masking: DestinationStream = { write: (line) => sink.write(maskSecrets(line)) };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_MEMBERS.flatMap((member) => [member, `*.${member}`, `*.*.${member}`]),
        censor: '[masked]',
      },
    },
    masking,
  );
}
