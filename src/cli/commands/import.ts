import { isList, member } from '../../kubernetes/json-value.js';
import { objectAnswer, shown } from '../answers.js';
import { type ApiClient, ApiError } from '../api-client.js';
import type { Command, CommandContext } from '../command.js';
import { CLUSTER_OPTION, connect, CONNECTION_OPTIONS, requireCluster } from '../connection.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { describePlan } from '../import/describe-plan.js';
import { type ImportPlan, isExact, type PlannedPolicy, planImport } from '../import/plan.js';
import { readRbac } from '../import/rbac.js';
import { readPoliciesAndOthers } from '../policy-files.js';
import {
  planPolicySteps,
  type PolicyStep,
  refuseArchived,
  savePolicyStep,
  tellPolicyStep,
} from '../policy-steps.js';
import type { Terminal } from '../terminal.js';

/** `podgate import`. */
export const importCommand: Command = {
  name: 'import',
  summary: 'Take over the policies of a cluster, and who may use them',
  arguments: 'FILE... --cluster NAME [OPTIONS]',
  description: [
    'FILE is what this prints, in one file or several, or - for standard input:\n  kubectl get psp,clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml',
    'Each PodSecurityPolicy becomes a policy, and what RBAC says of the verb use becomes its assignment. An assignment\nhas the same namespaces for all of its subjects; what RBAC grants beyond that is listed and left out, or granted to\nall with --widen. Access that RBAC does not know of (webhooks, ABAC) is not in the files.',
    'A cluster that the server does not know is made. A dry run needs no server; with one, the policies are also\ncompared with those that it has.',
  ],
  options: {
    ...CONNECTION_OPTIONS,
    ...CLUSTER_OPTION,
    'dry-run': { help: 'Only tell what would be done' },
    exact: { help: 'Do nothing and end with code 1 where something can not be expressed' },
    widen: { help: 'Grant more rather than less where something can not be expressed' },
    update: { help: 'Change policies that the server has with another content (for all clusters)' },
    prune: { help: "End the cluster's assignments of policies that are not in the files" },
  },
  examples: [
    {
      call: 'kubectl get psp,clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml | podgate import - --dry-run',
      meaning: 'What would be done',
    },
    { call: 'podgate import dump.yaml --cluster prod-eu', meaning: 'Do it' },
  ],
  run,
};

async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals, settings, terminal, directory, readInput } = context;
  if (positionals.length === 0) throw new UsageError('which files? Give what kubectl printed, or -');
  const { policies, others } = await readPoliciesAndOthers(positionals, directory, readInput);
  if (policies.length === 0) throw new UsageError('there is no PodSecurityPolicy in the files');
  const plan = planImport(policies, readRbac(others), settings.flag('widen'));
  for (const line of describePlan(plan)) terminal.line(line);
  if (settings.flag('exact') && !isExact(plan)) return EXIT.denied;
  const dryRun = settings.flag('dry-run');
  if (dryRun && settings.text('server') === undefined) return EXIT.ok;
  const client = await connect(context);
  const steps = await planPolicySteps(
    client,
    plan.policies.map(({ policy }) => policy),
    terminal,
  );
  for (const step of steps) tellPolicyStep(step, terminal);
  const cluster = dryRun ? settings.text('cluster') : requireCluster(context);
  const isNew = cluster !== undefined && (await isUnknown(client, pathOf(cluster)));
  if (isNew) terminal.line(`cluster ${cluster}: new`);
  if (cluster === undefined || dryRun) return EXIT.ok;
  refuseArchived(steps);
  if (!settings.flag('update')) refuseChanges(steps);
  if (isNew) await client.putJson(pathOf(cluster), {});
  await carryOut(context, client, { cluster, plan, steps });
  return EXIT.ok;
}

/** Policies are shared by all clusters: what is assigned elsewhere isn't changed by the way. */
function refuseChanges(steps: readonly PolicyStep[]): void {
  const changed = steps.filter(({ current, changes }) => current !== null && changes);
  if (changed.length === 0) return;
  throw new UsageError(
    'the server has policies of these names with another content; --update changes them for all clusters',
    changed.map(({ policy }) => policy.name),
  );
}

interface Import {
  readonly cluster: string;
  readonly plan: ImportPlan;
  readonly steps: readonly PolicyStep[];
}

async function carryOut(
  context: CommandContext,
  client: ApiClient,
  { cluster, plan, steps }: Import,
): Promise<void> {
  const { terminal, settings } = context;
  const path = pathOf(cluster);
  for (const step of steps.filter(({ changes }) => changes)) {
    await savePolicyStep(client, step, `Imported from cluster ${cluster}`, terminal);
  }
  for (const planned of plan.policies) await assign(client, path, planned, terminal);
  for (const name of await surplusOf(client, path, plan)) {
    if (settings.flag('prune')) await client.delete(`${path}/assignments/${encodeURIComponent(name)}`);
    const outcome = settings.flag('prune') ? 'no longer assigned' : 'still assigned: --prune ends that';
    terminal.line(`${name}: not in the files, ${outcome}`);
  }
  const count = plan.policies.length;
  terminal.note(`${count === 1 ? '1 policy is' : `${count} policies are`} in force in ${cluster}`);
}

function pathOf(cluster: string): string {
  return `/v1/clusters/${encodeURIComponent(cluster)}`;
}

/** Whether the server doesn't know the cluster yet: it is made, and said so, as it may be a slip of the pen. */
async function isUnknown(client: ApiClient, path: string): Promise<boolean> {
  try {
    await client.get(path);
    return false;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return true;
    throw error;
  }
}

async function assign(
  client: ApiClient,
  path: string,
  { policy, terms }: PlannedPolicy,
  terminal: Terminal,
): Promise<void> {
  await client.putJson(`${path}/assignments/${encodeURIComponent(policy.name)}`, { version: null, ...terms });
  terminal.line(`${policy.name}: assigned`);
}

/** Policies assigned in the cluster that the plan doesn't have. */
async function surplusOf(client: ApiClient, path: string, plan: ImportPlan): Promise<readonly string[]> {
  const answer = objectAnswer(await client.get(`${path}/assignments`));
  const assignments = member(answer, 'assignments');
  const planned = new Set(plan.policies.map(({ policy }) => policy.name));
  const names = isList(assignments) ? assignments.map((each) => shown(objectAnswer(each), 'policy')) : [];
  return names.filter((name) => !planned.has(name));
}
