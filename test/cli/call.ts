import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { run } from '../../src/cli/run.js';
import { createTerminal } from '../../src/cli/terminal.js';

/** How a call ended and what it wrote. */
export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CallOptions {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** Calls the command line in this process, without colours and without a terminal. */
export async function call(argv: readonly string[], options: CallOptions = {}): Promise<Called> {
  const { directory = '/', environment = {}, input = '' } = options;
  let out = '';
  let err = '';
  const terminal = createTerminal(
    { write: (text) => (out += text) },
    { write: (text) => (err += text) },
    environment,
  );
  const bytes = Buffer.from(input);
  const readInput = () => Promise.resolve(bytes);
  const openInput = () => Readable.from([bytes]);
  const code = await run(argv, COMMANDS, { environment, terminal, directory, readInput, openInput });
  return { code, out, err };
}

/** A folder with these files, by path, removed after the test. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'podgate-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}
