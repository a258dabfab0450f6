import { exactJson } from '../model/exact-json.js';
import { diffPolicies } from '../model/policy-diff/diff-policies.js';
import type { PolicyDiff } from '../model/policy-diff/policy-diff.js';
import { objectAnswer, shown } from './answers.js';
import type { ApiClient } from './api-client.js';
import { UsageError } from './exit-code.js';
import { diffLines, diffMeaning, manifestOf } from './policy-changes.js';
import type { PolicyInFile } from './policy-files.js';
import { policyPath, readServerPolicy, type ServerPolicy } from './server-policies.js';
import type { Terminal } from './terminal.js';

/** What is to be done with one policy of a file. */
export interface PolicyStep {
  readonly policy: PolicyInFile;
  /** What the server has; null: nothing of that name. */
  readonly current: ServerPolicy | null;
  /** null where there is nothing to compare with. */
  readonly diff: PolicyDiff | null;
  /** Whether the server's content is another one. */
  readonly changes: boolean;
}

/** Compares policies of files with those of the server. */
export async function planPolicySteps(
  client: ApiClient,
  policies: readonly PolicyInFile[],
  terminal: Terminal,
): Promise<readonly PolicyStep[]> {
  const steps: PolicyStep[] = [];
  for (const policy of policies) {
    terminal.progress(`comparing ${policy.name}`);
    const current = await readServerPolicy(client, policy.name);
    const manifest = manifestOf(policy);
    const diff = current === null ? null : diffPolicies(current.manifest, manifest);
    steps.push({ policy, current, diff, changes: current?.manifest.content !== manifest.content });
  }
  terminal.progress('');
  return steps;
}

/** Throws {@link UsageError} where a policy that would change is archived. */
export function refuseArchived(steps: readonly PolicyStep[]): void {
  const archived = steps.filter(({ current, changes }) => changes && current?.archived === true);
  if (archived.length === 0) return;
  const lines = archived.map(({ policy }) => `${policy.file}: ${policy.name} is archived on the server`);
  throw new UsageError('archived policies take no new versions', lines);
}

/** Tells what a step changes, by the pods that are admitted before and after. */
export function tellPolicyStep({ policy, current, diff, changes }: PolicyStep, terminal: Terminal): void {
  const { name, file, warnings } = policy;
  const { line, painted, colours } = terminal;
  if (current === null || diff === null) line(`${name}: new, from ${file}`);
  else if (!changes) line(`${name}: as it is (v${current.version})`);
  else line(`${name}: v${current.version} → ${file}  ${diffMeaning(diff)}`);
  for (const text of diff === null ? [] : diffLines(diff, colours)) painted(`    ${text}`);
  for (const warning of warnings) line(`    warning: ${warning}`);
}

/** Saves the policy as a new version, unless the server's has changed since it was compared. */
export async function savePolicyStep(
  client: ApiClient,
  { policy, current }: PolicyStep,
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
