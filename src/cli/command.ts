import type { Readable } from 'node:stream';
import type { ExitCode } from './exit-code.js';
import type { Settings } from './settings.js';
import type { Terminal } from './terminal.js';

/** An option of a command, with what its help and the shells' completion say of it. */
export interface Option {
  /** Without a value it is a switch. */
  readonly value?: string;
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** Values that completion offers. */
  readonly choices?: readonly string[];
  readonly help: string;
}

/** A call of the command line with its meaning. */
interface Example {
  readonly call: string;
  readonly meaning: string;
}

/** One command: what `podgate NAME` does and how to call it. */
export interface Command {
  /** One or two words: `evaluate`, `policies push`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The arguments after the name: `PATH... [options]`. */
  readonly arguments: string;
  /** It takes options alone: anything else is refused, so that nobody takes it for the name of what he meant. */
  readonly takesOptionsOnly?: true;
  /** What it does, in paragraphs. */
  readonly description: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly Example[];
  run(context: CommandContext): Promise<ExitCode>;
}

/** What a command works with. */
export interface CommandContext {
  readonly positionals: readonly string[];
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** Absolute path that relative ones are resolved against. */
  readonly directory: string;
  /** All of standard input. */
  readonly readInput: () => Promise<Uint8Array>;
  /** Standard input bit by bit, however long it is. */
  readonly openInput: () => Readable;
}
