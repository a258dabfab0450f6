import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Command, Option } from './command.js';
import { UsageError } from './exit-code.js';
import type { OptionValues } from './settings.js';
import { messageOf } from './error-message.js';

/** A call, taken apart. */
export interface ParsedCall {
  readonly flags: OptionValues;
  readonly positionals: readonly string[];
}

/** Options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  help: { short: 'h', help: 'Show this help' },
};

/** Takes a command's arguments apart. Throws {@link UsageError} for options that it doesn't have. */
export function parseCall(command: Command, argv: readonly string[]): ParsedCall {
  const options = { ...command.options, ...COMMON_OPTIONS };
  try {
    const parsed = parseArgs({
      args: [...argv],
      options: parserOptions(options),
      allowPositionals: true,
      strict: true,
    });
    return { flags: valuesOf(parsed.values, options), positionals: parsed.positionals };
  } catch (error) {
    const message = messageOf(error).split('. ')[0] ?? '';
    throw new UsageError(message, [`see: podgate ${command.name} --help`]);
  }
}

function parserOptions(options: Readonly<Record<string, Option>>): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: true, ...(short ? { short } : {}) },
    ]),
  );
}

function valuesOf(
  parsed: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, Option>>,
): OptionValues {
  const values: Record<string, readonly string[]> = {};
  for (const [name, given] of Object.entries(parsed)) {
    const texts = (Array.isArray(given) ? given : [given]).map(String);
    const { choices, multiple } = options[name] ?? {};
    const unknown = texts.find((text) => choices !== undefined && !choices.includes(text));
    if (unknown !== undefined) {
      throw new UsageError(`--${name} must be one of ${choices?.join(', ')}, not ${JSON.stringify(unknown)}`);
    }
    if (texts.length > 1 && !multiple) throw new UsageError(`--${name} may be given only once`);
    values[name] = texts;
  }
  return values;
}
