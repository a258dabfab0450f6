import type { Command } from '../command.js';
import { type CompletionShell, completionScript, SHELLS } from '../completion-script.js';
import { EXIT, UsageError } from '../exit-code.js';

/** `podgate completion`, for the commands that there are. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'Print a script that completes commands and options in a shell',
    arguments: SHELLS.join('|'),
    description: [],
    options: {},
    examples: [
      { call: 'source <(podgate completion bash)', meaning: 'bash: in ~/.bashrc' },
      { call: 'podgate completion zsh > "${fpath[1]}/_podgate"', meaning: 'zsh' },
      { call: 'podgate completion fish > ~/.config/fish/completions/podgate.fish', meaning: 'fish' },
    ],
    run({ positionals, terminal }) {
      const shell = SHELLS.find((known): known is CompletionShell => known === positionals[0]);
      if (shell === undefined) throw new UsageError(`for which shell? ${SHELLS.join(', ')}`);
      terminal.write(completionScript(shell, commands()));
      return Promise.resolve(EXIT.ok);
    },
  };
}
