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
      { call: 'source <(podgate completion zsh)', meaning: 'zsh: in ~/.zshrc, after compinit' },
      { call: 'podgate completion fish | source', meaning: 'fish: in ~/.config/fish/config.fish' },
    ],
    run({ positionals, terminal }) {
      const shell = SHELLS.find((known): known is CompletionShell => known === positionals[0]);
      if (shell === undefined) throw new UsageError(`for which shell? ${SHELLS.join(', ')}`);
      terminal.write(completionScript(shell, commands()));
      return Promise.resolve(EXIT.ok);
    },
  };
}
