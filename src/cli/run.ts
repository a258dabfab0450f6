import type { Readable } from 'node:stream';
import { PodgateError } from '../model/errors.js';
import { problemText } from '../report/findings.js';
import { ApiError } from './api-client.js';
import type { Command } from './command.js';
import { EXIT, type ExitCode, UsageError } from './exit-code.js';
import { commandHelp, generalHelp, groupHelp } from './help.js';
import { packageVersion } from './package-version.js';
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
    terminal.write(helpFor(asked, commands));
    return first === undefined ? EXIT.input : EXIT.ok;
  }
  if (first === '--version') {
    terminal.write(`podgate ${packageVersion()}\n`);
    return EXIT.ok;
  }
  const isHelpOnly =
    argv.slice(1).length > 0 && argv.slice(1).every((word) => ['--help', '-h'].includes(word));
  if (isHelpOnly && groupOf(first, commands).length > 0) {
    terminal.write(helpFor([first], commands));
    return EXIT.ok;
  }
  const { command, rest } = findCommand(argv, commands);
  const { flags, positionals } = parseCall(command, rest);
  if (flags['help'] !== undefined) {
    terminal.write(commandHelp(command));
    return EXIT.ok;
  }
  if (command.takesOptionsOnly) refuseArguments(command, positionals);
  const settings = mergeSettings(flags, environment, readSettingsFile(directory));
  return command.run({ positionals, settings, terminal, directory, readInput, openInput });
}

function refuseArguments({ name, options }: Command, [first]: readonly string[]): void {
  if (first === undefined) return;
  const hint = 'cluster' in options ? '--cluster names the cluster' : `see: podgate ${name} --help`;
  throw new UsageError(`${JSON.stringify(first)} is too much here`, [hint]);
}

/** What is told of the command or the group of commands that the words name, or of all of them. */
function helpFor(words: readonly string[], commands: readonly Command[]): string {
  const [first, ...more] = words;
  if (first === undefined) return generalHelp(commands);
  const group = more.length === 0 ? groupOf(first, commands) : [];
  return group.length > 0 ? groupHelp(first, group) : commandHelp(findCommand(words, commands).command);
}

/** The commands of two words that begin with this one. */
function groupOf(word: string, commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
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
  const related = groupOf(first, commands);
  if (related.length > 0) {
    throw new UsageError(
      `podgate ${first} what?`,
      related.map(({ name }) => `podgate ${name}`),
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
  // A file or folder that can't be read or written: the message names the call and the path.
  if (error instanceof Error && 'syscall' in error) {
    return { message: error.message, details: [], code: EXIT.input };
  }
  throw error;
}
