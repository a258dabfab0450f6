import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { contentDigest } from '../../model/policy-set.js';
import { ApiError } from '../api-client.js';
import type { Command, CommandContext } from '../command.js';
import { connect, CONNECTION_OPTIONS } from '../connection.js';
import { messageOf } from '../error-message.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { type PolicyInFile, readPolicyFiles } from '../policy-files.js';
import { activePolicyNames, readServerPolicy, type ServerPolicy } from '../server-policies.js';

/** `podgate policies pull`. */
export const policiesPullCommand: Command = {
  name: 'policies pull',
  summary: "Write the server's policies into a folder, a file each",
  arguments: 'FOLDER [OPTIONS]',
  description: [
    'The latest version of every policy that is not archived, as YAML that kubectl takes. Files whose content is the\nsame are left alone, comments included; files of other policies too.',
  ],
  options: { ...CONNECTION_OPTIONS, 'dry-run': { help: 'Only tell what would be written' } },
  examples: [
    { call: 'podgate policies pull policies/', meaning: 'To begin with a folder under version control' },
  ],
  run,
};

/** What names of policies are made of; nothing that leads out of a folder. */
const FILE_NAME = /^[a-z0-9][-a-z0-9.]*$/;

async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals, settings, terminal, directory } = context;
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw new UsageError('give one FOLDER to write to');
  const path = resolve(directory, folder);
  const present = await policiesBelow(path);
  const client = await connect(context);
  let written = 0;
  const names = await activePolicyNames(client);
  for (const name of names) {
    terminal.progress(`reading ${name}`);
    const policy = await readServerPolicy(client, name);
    const target = policy === null ? null : targetOf(policy, present.get(name), path);
    if (policy === null || target === null) continue;
    written += 1;
    terminal.line(`${relative(directory, target)}: ${name} v${policy.version}`);
    if (!settings.flag('dry-run')) await write(target, policy.yaml);
  }
  terminal.progress('');
  const done = settings.flag('dry-run') ? 'to be written' : 'written';
  terminal.note(`${written} ${done}, ${names.length - written} as they were`);
  return EXIT.ok;
}

/** The policies that the folder holds already, by name; none where there is no folder yet. */
async function policiesBelow(folder: string): Promise<ReadonlyMap<string, PolicyInFile>> {
  const entries = await readdir(folder).catch(() => []);
  if (!entries.some((entry) => /\.(ya?ml|json)$/i.test(entry))) return new Map();
  const noInput = () => Promise.resolve(new Uint8Array());
  const policies = await readPolicyFiles([folder], folder, noInput);
  return new Map(policies.map((policy) => [policy.name, policy]));
}

/** Where the policy is to be written; null where the folder has it already. */
function targetOf(
  { manifest }: ServerPolicy,
  present: PolicyInFile | undefined,
  folder: string,
): string | null {
  const { name, content } = manifest;
  // The name becomes a file's name, so it is not taken on trust.
  if (!FILE_NAME.test(name))
    throw new ApiError(`the server has a policy named ${JSON.stringify(name)}`, null);
  if (present === undefined) return resolve(folder, `${name}.yaml`);
  if (present.given.member.digest === contentDigest(content)) return null;
  if (present.source?.format === 'yaml') return resolve(folder, present.file);
  throw new UsageError(
    `${present.file} holds ${name} in a form that can not be replaced: keep a YAML file a policy`,
  );
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(resolve(path, '..'), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`${path} can not be written: ${messageOf(error)}`);
  }
}
