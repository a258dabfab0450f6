import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ApiClient, createApiClient } from './api-client.js';
import type { CommandContext, Option } from './command.js';
import { UsageError } from './exit-code.js';
import { messageOf } from './error-message.js';

/** The options of every command that talks to a server. */
export const CONNECTION_OPTIONS = {
  server: { value: 'URL', help: 'Address of the Podgate server (PODGATE_SERVER)' },
  token: { value: 'TOKEN', help: 'Bearer token; better given as PODGATE_TOKEN than on the command line' },
  'token-file': { value: 'FILE', help: 'File that holds the token (PODGATE_TOKEN_FILE)' },
} as const satisfies Record<string, Option>;

/** The option of every command about one cluster. */
export const CLUSTER_OPTION = {
  cluster: { value: 'NAME', help: 'Name of the cluster (PODGATE_CLUSTER)' },
} as const satisfies Record<string, Option>;

/** A client for the server that the settings name. Throws {@link UsageError} where something is missing. */
export async function connect(context: Pick<CommandContext, 'settings' | 'directory'>): Promise<ApiClient> {
  const server = context.settings.text('server');
  if (server === undefined) {
    throw new UsageError('which server? Give --server URL, or set PODGATE_SERVER');
  }
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new UsageError(
      `--server must be an address such as https://podgate.example.com, not ${JSON.stringify(server)}`,
    );
  }
  return createApiClient(server, await readToken(context));
}

/** The name of the cluster that the settings name. Throws {@link UsageError}. */
export function requireCluster({ settings }: Pick<CommandContext, 'settings'>): string {
  const cluster = settings.text('cluster');
  if (cluster === undefined)
    throw new UsageError('which cluster? Give --cluster NAME, or set PODGATE_CLUSTER');
  return cluster;
}

async function readToken({
  settings,
  directory,
}: Pick<CommandContext, 'settings' | 'directory'>): Promise<string> {
  const file = settings.text('token-file');
  // A flag counts before a variable, and a variable before the file of settings, whichever of the two it gives.
  const isInFile = file !== undefined && settings.rank('token-file') < settings.rank('token');
  const token = isInFile ? await readTokenFile(resolve(directory, file)) : settings.text('token');
  if (token === undefined)
    throw new UsageError('with which token? Set PODGATE_TOKEN, or give --token-file FILE');
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('the token holds blanks or characters that no token has');
  return token;
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new UsageError(`the token can not be read: ${messageOf(error)}`);
  }
}
