import type { Readable } from 'node:stream';
import { PodgateError } from '../model/errors.js';
import { problemText } from '../report/findings.js';
import { ApiError } from './api-client.js';
import type { Command } from './command.js';
import { EXIT, type ExitCode, UsageError } from './exit-code.js';
import { commandHelp, generalHelp } from './help.js';
import { parseCall } from './parse-arguments.js';
import { mergeSettings, readSettingsFile } from './settings.js';
import type { Terminal } from './terminal.js';

/** Where a call comes from. */
export interface CallContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly directory: string;
  readonly readInput: () => Promise<Uint8Array>;
  /** Standard input bit by bit, however long it is. */
  readonly openInput: () => Readable;
}

/** Runs one call of the command line and resolves to its exit code; whatever fails is told on standard error. */
export async function run(
  argv: readonly string[],
  commands: readonly Command[],
  context: CallContext,
): Promise<ExitCode> {
  const { terminal } = context;
  try {
    return await dispatch(argv, commands, context);
  } catch (error) {
    const failure = failureOf(error);
    terminal.progress('');
    terminal.note(`podgate: ${failure.message}`);
    for (const detail of failure.details) terminal.note(`  ${detail}`);
    return failure.code;
  }
}

async function dispatch(
  argv: readonly string[],
  commands: readonly Command[],
  { environment, terminal, directory, readInput, openInput }: CallContext,
): Promise<ExitCode> {
  const [first] = argv;
  if (first === undefined || ['help', '--help', '-h'].includes(first)) {
    const asked = argv.slice(1).filter((word) => !word.startsWith('-'));
    const command = asked.length === 0 ? undefined : findCommand(asked, commands).command;
    terminal.write(command === undefined ? generalHelp(commands) : commandHelp(command));
    return first === undefined ? EXIT.input : EXIT.ok;
  }
  const { command, rest } = findCommand(argv, commands);
  const { flags, positionals } = parseCall(command, rest);
  if (flags['help'] !== undefined) {
    terminal.write(commandHelp(command));
    return EXIT.ok;
  }
  const settings = mergeSettings(flags, environment, readSettingsFile(directory));
  return command.run({ positionals, settings, terminal, directory, readInput, openInput });
}

/** The command that the first words name, and the words after it. */
function findCommand(
  argv: readonly string[],
  commands: readonly Command[],
): { readonly command: Command; readonly rest: readonly string[] } {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(' ');
    const command = commands.find((each) => each.name === name);
    if (command !== undefined) return { command, rest: argv.slice(length) };
  }
  const [first = ''] = argv;
  const related = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (related.length > 0) {
    throw new UsageError(
      `podgate ${first} what?`,
      related.map((name) => `podgate ${name}`),
    );
  }
  throw new UsageError(`there is no command ${JSON.stringify(first)}`, ['see: podgate --help']);
}

interface Failure {
  readonly message: string;
  readonly details: readonly string[];
  readonly code: ExitCode;
}

function failureOf(error: unknown): Failure {
  if (error instanceof UsageError)
    return { message: error.message, details: error.details, code: EXIT.input };
  if (error instanceof ApiError) {
    return {
      message: error.message,
      details: error.details,
      code: error.blamesInput ? EXIT.input : EXIT.server,
    };
  }
  if (error instanceof PodgateError) {
    return { message: error.message, details: error.problems.map(problemText), code: EXIT.input };
  }
  throw error;
}
