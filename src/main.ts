import { compose, type Podgate } from './compose.js';
import { type Config, ConfigError, parseConfig } from './config.js';
import { createLogger } from './observability/logger.js';

const config = readConfig();
const logger = createLogger({ level: config.logLevel });
let podgate: Podgate | null = null;
let stopRequested = false;

process.on('SIGTERM', stop).on('SIGINT', stop);
// Who reads what is said may go away: no reason for the server to end.
process.stdout.on('error', () => undefined);
try {
  podgate = await compose(config, logger);
  const address = stopRequested ? null : await podgate.start();
  if (address === null || stopRequested) await closeAndExit(podgate);
  else {
    const { newAdminTokenPath } = podgate;
    const webhook = podgate.webhookAddress();
    if (newAdminTokenPath !== null) say(`podgate admin token written to ${newAdminTokenPath}`);
    say(`podgate listening on ${address}`);
    if (webhook !== null) say(`podgate webhook listening on ${webhook}`);
  }
} catch (error) {
  fail(error);
}

/** Drains; a stop that is asked for while the start is under way takes effect at its end. */
function stop(signal: NodeJS.Signals): void {
  if (stopRequested) return;
  stopRequested = true;
  logger.info({ signal }, 'stopping');
  if (podgate !== null) closeAndExit(podgate).catch(fail);
}

async function closeAndExit(running: Podgate): Promise<void> {
  await running.close();
  process.exit(0);
}

function readConfig(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`podgate: ${error.message}\n`);
    process.exit(2);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One clear line for people; the log has the whole error at level debug. */
function fail(error: unknown): never {
  logger.debug({ err: error }, 'failed');
  process.stderr.write(`podgate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
