import type { Command } from './command.js';
import { COMMON_OPTIONS } from './parse-arguments.js';

/** The shells that scripts are made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A shell for which there is a completion. */
export type CompletionShell = (typeof SHELLS)[number];

/** A script that completes the commands, their options and the options' choices; files where a path is wanted. */
export function completionScript(shell: CompletionShell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      // zsh runs bash's completion functions.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

function bash(commands: readonly Command[]): string {
  return `_podgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local first="\${COMP_WORDS[1]:-}" second="\${COMP_WORDS[2]:-}" words="" files=""
  case "$first $second $previous" in
${commands.flatMap(choiceCases).join('\n')}
  esac
  if [ -z "$words" ]; then
    [ "$COMP_CWORD" -gt 1 ] && files=yes
    if [ "$COMP_CWORD" -eq 1 ]; then
      words="${firstWords(commands).join(' ')}"
    else
      case "$first $second" in
${commands.map((command) => `        ${pattern(command)}) words="${optionNames(command).join(' ')}" ;;`).join('\n')}
      esac
${groupsOf(commands)
  .map(([group, members]) => `      [ "$COMP_CWORD:$first" = "2:${group}" ] && words="${members.join(' ')}"`)
  .join('\n')}
    fi
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
  case "$files$current" in yes-*|'') ;; yes*) COMPREPLY+=( $(compgen -f -- "$current") ) ;; esac
}
complete -o filenames -F _podgate podgate
`;
}

/** Of `evaluate` any second word, of `policies push` just this one. */
function pattern({ name }: Command): string {
  return name.includes(' ') ? `"${name}"` : `"${name} "*`;
}

function choiceCases(command: Command): string[] {
  return Object.entries(command.options).flatMap(([option, { choices }]) =>
    choices === undefined
      ? []
      : [
          `    "${command.name} "*" --${option}"|"${command.name} --${option}") words="${choices.join(' ')}" ;;`,
        ],
  );
}

function firstWords(commands: readonly Command[]): string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
}

/** The commands of two words by their first. */
function groupsOf(commands: readonly Command[]): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), second]);
  }
  return [...groups];
}

function optionNames(command: Command): string[] {
  return Object.keys({ ...command.options, ...COMMON_OPTIONS }).map((name) => `--${name}`);
}

function fish(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const [first = '', second] = command.name.split(' ');
    const inCommand =
      second === undefined
        ? `__fish_seen_subcommand_from ${first}`
        : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
    const offered =
      second === undefined
        ? `complete -c podgate -n __fish_use_subcommand -a ${first} -d ${quoted(command.summary)}`
        : `complete -c podgate -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${quoted(command.summary)}`;
    const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, option]) => {
      const value = option.value === undefined ? '' : ' -r';
      const choices = option.choices === undefined ? '' : ` -f -a ${quoted(option.choices.join(' '))}`;
      const short = option.short === undefined ? '' : ` -s ${option.short}`;
      return `complete -c podgate -n '${inCommand}' -l ${name}${short}${value}${choices} -d ${quoted(option.help)}`;
    });
    return [offered, ...options];
  });
  const groups = groupsOf(commands).map(
    ([group]) => `complete -c podgate -n __fish_use_subcommand -a ${group}`,
  );
  return `${[...groups, ...lines].join('\n')}\n`;
}

/** In single quotes, for fish. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
