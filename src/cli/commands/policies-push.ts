import type { ApiClient } from '../api-client.js';
import type { Command, CommandContext } from '../command.js';
import { connect, CONNECTION_OPTIONS } from '../connection.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { type PolicyInFile, readPolicyFiles } from '../policy-files.js';
import { planPolicySteps, refuseArchived, savePolicyStep, tellPolicyStep } from '../policy-steps.js';
import { activePolicyNames, policyPath } from '../server-policies.js';

/** `podgate policies push`. */
export const policiesPushCommand: Command = {
  name: 'policies push',
  summary: 'Bring the policies of files to the server, as new versions where they differ',
  arguments: 'PATH... [OPTIONS]',
  description: [
    'A folder of YAML is the source of truth, the server follows it. What changes is told first, by the pods that are\nadmitted before and after; with --dry-run nothing more happens. The same content makes no new version.',
  ],
  options: {
    ...CONNECTION_OPTIONS,
    'dry-run': { help: 'Only tell what would change' },
    message: { short: 'm', value: 'TEXT', help: 'Why, for the history of the versions' },
    prune: { help: 'Archive policies that the server has and the files have not' },
  },
  examples: [
    { call: 'podgate policies push policies/ --dry-run', meaning: 'In a pull request' },
    {
      call: 'podgate policies push policies/ --message "$(git log -1 --format=%s)"',
      meaning: 'After the merge',
    },
  ],
  run,
};

async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals, settings, terminal, directory, readInput } = context;
  if (positionals.length === 0) throw new UsageError('which policies? Give files or folders');
  const policies = await readPolicyFiles(positionals, directory, readInput);
  const client = await connect(context);
  const steps = await planPolicySteps(client, policies, terminal);
  const surplus = settings.flag('prune') ? await surplusOf(client, policies) : [];
  for (const step of steps) tellPolicyStep(step, terminal);
  for (const name of surplus) terminal.line(`${name}: to be archived, no file has it`);
  refuseArchived(steps);
  const changing = steps.filter(({ changes }) => changes);
  if (settings.flag('dry-run')) {
    terminal.note(`dry run: ${changing.length} to be saved, ${surplus.length} to be archived`);
    return EXIT.ok;
  }
  for (const step of changing) await savePolicyStep(client, step, settings.text('message'), terminal);
  for (const name of surplus) await client.postJson(`${policyPath(name)}/archive`, {});
  const unchanged = steps.length - changing.length;
  terminal.note(`${changing.length} saved, ${surplus.length} archived, ${unchanged} as they were`);
  return EXIT.ok;
}

async function surplusOf(client: ApiClient, policies: readonly PolicyInFile[]): Promise<readonly string[]> {
  const kept = new Set(policies.map(({ name }) => name));
  return (await activePolicyNames(client)).filter((name) => !kept.has(name));
}
