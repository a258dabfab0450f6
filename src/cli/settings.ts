import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isList, isObject, type JsonValue } from '../kubernetes/json-value.js';
import { parseManifests } from '../kubernetes/manifests.js';
import { problemText } from '../report/findings.js';
import { UsageError } from './exit-code.js';

/** What can be set for good: the option's name; `PODGATE_` and the name in capitals; the name in `.podgate.yaml`. */
const LASTING = [
  'server',
  'token',
  'token-file',
  'cluster',
  'policies',
  'namespace',
  'user',
  'group',
  'service-account',
  'output',
  'fail-on',
] as const;

/** The rank of what the call itself says. */
export const FLAG = 0;

const SETTINGS_FILE = '.podgate.yaml';

/** The options of one call, whichever of the three places they come from. */
export interface Settings {
  /** The last value given; undefined where there is none. */
  text(name: string): string | undefined;
  /** All values given. */
  texts(name: string): readonly string[];
  /** Which place it comes from: {@link FLAG}, 1 the environment, 2 the file; Infinity where it is not set. */
  rank(name: string): number;
  /** Whether a switch is on. */
  flag(name: string): boolean;
}

/** Values of options by name; a switch that is on is `['true']`. */
export type OptionValues = Readonly<Record<string, readonly string[]>>;

/**
 * Flags first, then the environment (`PODGATE_SERVER`, several values separated by commas), then `.podgate.yaml` in the
 * working directory or the nearest one above. A setting is taken from one place as a whole, never mixed.
 */
export function mergeSettings(
  flags: OptionValues,
  environment: Readonly<Record<string, string | undefined>>,
  file: OptionValues,
): Settings {
  const places = (name: string) => [flags[name], fromEnvironment(name, environment), file[name]];
  const texts = (name: string) => places(name).find((values) => values !== undefined) ?? [];
  const rank = (name: string) => {
    const index = places(name).findIndex((values) => values !== undefined);
    return index < 0 ? Number.POSITIVE_INFINITY : index;
  };
  return { text: (name) => texts(name).at(-1), texts, rank, flag: (name) => texts(name).at(-1) === 'true' };
}

function fromEnvironment(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] | undefined {
  if (!isLasting(name)) return undefined;
  const value = environment[`PODGATE_${name.toUpperCase().replaceAll('-', '_')}`];
  if (value === undefined || value === '') return undefined;
  return name === 'group' || name === 'output' || name === 'policies' ? value.split(',') : [value];
}

function isLasting(name: string): boolean {
  return LASTING.some((lasting) => lasting === name);
}

/** Reads the nearest `.podgate.yaml`. Throws {@link UsageError} naming every member that it can't understand. */
export function readSettingsFile(directory: string): OptionValues {
  const path = findUpwards(directory);
  if (path === null) return {};
  const parsed = parseManifests(readFileSync(path), 'yaml');
  if (!parsed.ok) throw new UsageError(`${path} can not be read`, parsed.problems.map(problemText));
  const [document] = parsed.documents;
  if (document === undefined) return {};
  const values: Record<string, readonly string[]> = {};
  const problems: string[] = [];
  for (const [key, value] of Object.entries(document.value)) {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const texts = textsOf(value);
    const { line } = parsed.locate(document, `/${key}`);
    if (!isLasting(name)) problems.push(`line ${line}: unknown setting ${JSON.stringify(key)}`);
    else if (texts === null) problems.push(`line ${line}: ${key} must be text or a list of texts`);
    else values[name] = texts;
  }
  if (problems.length > 0) throw new UsageError(`${path} is not valid`, problems);
  return values;
}

function findUpwards(directory: string): string | null {
  const path = join(directory, SETTINGS_FILE);
  if (existsSync(path)) return path;
  const parent = dirname(directory);
  return parent === directory ? null : findUpwards(parent);
}

function textsOf(value: JsonValue): readonly string[] | null {
  if (typeof value === 'string') return [value];
  if (isList(value) && value.every((each) => typeof each === 'string')) return value;
  if (isObject(value) || isList(value) || value === null) return null;
  return [String(value)];
}
