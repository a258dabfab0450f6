import type { Command, Option } from './command.js';
import { COMMON_OPTIONS } from './parse-arguments.js';

/** What `podgate --help` shows. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    'podgate: would this cluster admit these pods?',
    '',
    'Usage: podgate COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Commands:',
    ...summaryLines(commands),
    '',
    'Start here:',
    '  podgate evaluate deploy/ --policies policies/          without a server',
    '  podgate evaluate deploy/ --server URL --cluster prod   with the policies in force in a cluster',
    '  helm template chart/ | podgate evaluate -              whatever renders manifests',
    '',
    'Settings come from options, else from the environment (PODGATE_SERVER, PODGATE_TOKEN, PODGATE_CLUSTER …),',
    'else from .podgate.yaml in this folder or one above (server: https://…, cluster: prod …).',
    '',
    'Exit codes: 0 all admitted or done, 1 something is denied, 2 wrong usage or input,',
    '            3 the server can not be reached or refused.',
    '',
    'podgate COMMAND --help tells more about a command, podgate --version which one this is.',
    '',
  ].join('\n');
}

/** What `podgate token --help` shows: the commands that begin with that word. */
export function groupHelp(word: string, commands: readonly Command[]): string {
  return [
    `Usage: podgate ${word} COMMAND [ARGUMENTS] [OPTIONS]`,
    '',
    'Commands:',
    ...summaryLines(commands),
    '',
    `podgate ${word} COMMAND --help tells more about a command.`,
    '',
  ].join('\n');
}

function summaryLines(commands: readonly Command[]): string[] {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
}

/** What `podgate COMMAND --help` shows. */
export function commandHelp(command: Command): string {
  return [
    `podgate ${command.name}: ${command.summary}`,
    '',
    `Usage: podgate ${command.name} ${command.arguments}`.trimEnd(),
    '',
    ...command.description.flatMap((paragraph) => [paragraph, '']),
    'Options:',
    ...optionLines({ ...command.options, ...COMMON_OPTIONS }),
    ...(command.examples.length === 0 ? [] : ['', 'Examples:']),
    ...command.examples.flatMap(({ call, meaning }) => [`  # ${meaning}`, `  ${call}`]),
    '',
  ].join('\n');
}

function optionLines(options: Readonly<Record<string, Option>>): string[] {
  const rows = Object.entries(options).map(([name, option]) => ({ left: signature(name, option), option }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, option }) => `  ${left.padEnd(width)}  ${option.help}${possible(option)}`);
}

/** The values that there are, where the help doesn't name them. */
function possible({ choices = [], help }: Option): string {
  return choices.every((choice) => help.includes(choice)) ? '' : ` [${choices.join(', ')}]`;
}

function signature(name: string, { short, value, multiple }: Option): string {
  const head = short === undefined ? `    --${name}` : `-${short}, --${name}`;
  return `${head}${value === undefined ? '' : ` ${value}`}${multiple ? ' ...' : ''}`;
}
