import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createApiClient } from '../api-client.js';
import type { Command, CommandContext } from '../command.js';
import { connect, CONNECTION_OPTIONS } from '../connection.js';
import { messageOf } from '../error-message.js';
import { runDemo } from '../demo.js';
import { EXIT, UsageError } from '../exit-code.js';
import { FLAG } from '../settings.js';

/** `podgate demo`. */
export const demoCommand: Command = {
  name: 'demo',
  summary: 'See it work: three clusters, five policies, thirteen pods, and what is decided and why',
  arguments: '[OPTIONS]',
  takesOptionsOnly: true,
  description: [
    'Without --server on the command line a server of its own is started, on a free port with an empty database, and\nremoved afterwards, whatever PODGATE_SERVER and .podgate.yaml say.',
  ],
  options: { ...CONNECTION_OPTIONS },
  examples: [{ call: 'podgate demo', meaning: 'Needs nothing' }],
  async run(context) {
    const { settings, terminal } = context;
    const demo = (client: Parameters<typeof runDemo>[0]) => runDemo(client, DEMO_FOLDER, terminal);
    // It makes clusters and policies of its own: only where it is told to in so many words, on somebody's server.
    if (settings.rank('server') === FLAG) await demo(await connect(context));
    else await withServer(context, demo);
    return EXIT.ok;
  },
};

/** In the package, beside `dist`. */
const DEMO_FOLDER = resolve(import.meta.dirname, '../../../../demo');
const DEMO_TOKEN = 'demo-token-of-a-server-that-is-gone-in-a-moment';

async function withServer(
  { terminal }: CommandContext,
  use: (client: ReturnType<typeof createApiClient>) => Promise<void>,
): Promise<void> {
  terminal.progress('starting a server');
  // The server is loaded only where it is needed: the other commands start without it.
  const [{ compose }, { parseConfig }, { createLogger }] = await Promise.all([
    import('../../compose.js'),
    import('../../config.js'),
    import('../../observability/logger.js'),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'podgate-demo-'));
  try {
    const config = parseConfig({
      PODGATE_PORT: '0',
      PODGATE_DATA_DIR: folder,
      PODGATE_ADMIN_TOKEN: DEMO_TOKEN,
    });
    const podgate = await compose(config, createLogger({ level: 'error' })).catch(cannotStart);
    try {
      await use(createApiClient(await podgate.start(), DEMO_TOKEN));
    } finally {
      terminal.progress('stopping the server');
      await podgate.close();
      terminal.progress('');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function cannotStart(error: unknown): never {
  throw new UsageError(`no server could be started: ${messageOf(error)}`);
}
