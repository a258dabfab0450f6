import { exactJson } from '../../kubernetes/canonical-json.js';
import { diffPolicies } from '../../model/policy-diff/diff-policies.js';
import type { PolicyDiff } from '../../model/policy-diff/policy-diff.js';
import { objectAnswer, shown } from '../answers.js';
import type { ApiClient } from '../api-client.js';
import type { Command, CommandContext } from '../command.js';
import { connect, CONNECTION_OPTIONS } from '../connection.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { diffLines, diffMeaning, manifestOf } from '../policy-changes.js';
import { type PolicyInFile, readPolicyFiles } from '../policy-files.js';
import { activePolicyNames, policyPath, readServerPolicy, type ServerPolicy } from '../server-policies.js';
import type { Terminal } from '../terminal.js';

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

/** What is to be done with one policy. */
interface Step {
  readonly policy: PolicyInFile;
  readonly current: ServerPolicy | null;
  readonly diff: PolicyDiff | null;
}

async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals, settings, terminal, directory, readInput } = context;
  if (positionals.length === 0) throw new UsageError('which policies? Give files or folders');
  const policies = await readPolicyFiles(positionals, directory, readInput);
  const client = await connect(context);
  const steps = await planSteps(client, policies, terminal);
  const surplus = settings.flag('prune') ? await surplusOf(client, policies) : [];
  for (const step of steps) tellStep(step, terminal);
  for (const name of surplus) terminal.line(`${name}: to be archived, no file has it`);
  const changing = steps.filter(({ policy, current }) => current?.manifest.content !== contentOf(policy));
  const archived = changing.filter(({ current }) => current?.archived === true);
  if (archived.length > 0) {
    throw new UsageError(
      'archived policies take no new versions',
      archived.map(({ policy }) => `${policy.file}: ${policy.name} is archived on the server`),
    );
  }
  if (settings.flag('dry-run')) {
    terminal.note(`dry run: ${changing.length} to be saved, ${surplus.length} to be archived`);
    return EXIT.ok;
  }
  for (const step of changing) await save(client, step, settings.text('message'), terminal);
  for (const name of surplus) await client.post(`${policyPath(name)}/archive`, 'application/json', '{}');
  terminal.note(
    `${changing.length} saved, ${surplus.length} archived, ${steps.length - changing.length} as they were`,
  );
  return EXIT.ok;
}

async function planSteps(
  client: ApiClient,
  policies: readonly PolicyInFile[],
  terminal: Terminal,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const policy of policies) {
    terminal.progress(`comparing ${policy.name}`);
    const current = await readServerPolicy(client, policy.name);
    const diff = current === null ? null : diffPolicies(current.manifest, manifestOf(policy));
    steps.push({ policy, current, diff });
  }
  terminal.progress('');
  return steps;
}

async function surplusOf(client: ApiClient, policies: readonly PolicyInFile[]): Promise<readonly string[]> {
  const kept = new Set(policies.map(({ name }) => name));
  return (await activePolicyNames(client)).filter((name) => !kept.has(name));
}

function contentOf(policy: PolicyInFile): string {
  return manifestOf(policy).content;
}

function tellStep({ policy, current, diff }: Step, { line, colours }: Terminal): void {
  const { name, file } = policy;
  if (current === null || diff === null) line(`${name}: new, from ${file}`);
  else if (current.manifest.content === contentOf(policy)) line(`${name}: as it is (v${current.version})`);
  else line(`${name}: v${current.version} → ${file}  ${diffMeaning(diff)}`);
  for (const text of diff === null ? [] : diffLines(diff, colours)) line(`    ${text}`);
  for (const warning of policy.warnings) line(`    warning: ${warning}`);
}

async function save(
  client: ApiClient,
  { policy, current }: Step,
  message: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const query = message === undefined ? '' : `?${new URLSearchParams({ message }).toString()}`;
  const { format, text } = policy.source ?? { format: 'json' as const, text: exactJson(policy.value) };
  const seen = current === null ? undefined : `"${current.version}"`;
  const path = `${policyPath(policy.name)}${query}`;
  const saved = objectAnswer(await client.put(path, `application/${format}`, text, seen));
  terminal.line(`${policy.name}: saved as v${shown(saved, 'version')}`);
}
