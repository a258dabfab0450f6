import type { Command, Option } from './command.js';
import { COMMON_OPTIONS } from './parse-arguments.js';

/** What `podgate --help` shows. */
export function generalHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'podgate: would this cluster admit these pods?',
    '',
    'Usage: podgate COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
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
    'podgate COMMAND --help tells more about a command.',
    '',
  ].join('\n');
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
  return rows.map(({ left, option }) => `  ${left.padEnd(width)}  ${option.help}`);
}

function signature(name: string, { short, value, multiple }: Option): string {
  const head = short === undefined ? `    --${name}` : `-${short}, --${name}`;
  return `${head}${value === undefined ? '' : ` ${value}`}${multiple ? ' ...' : ''}`;
}
