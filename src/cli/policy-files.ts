import type { JsonObject } from '../kubernetes/json-value.js';
import { textMember } from '../kubernetes/json-value.js';
import type { ManifestFormat } from '../kubernetes/manifests.js';
import { type GivenPolicy, readGivenPolicy } from '../operations/evaluation/given-policies.js';
import type { UnreadableFile } from '../report/evaluated-file.js';
import { problemText } from '../report/findings.js';
import { UsageError } from './exit-code.js';
import { findManifests } from './manifest-paths.js';
import { readManifestFile, type ReadFile } from './read-manifests.js';

/** A PodSecurityPolicy in a file, found good. */
export interface PolicyInFile {
  readonly name: string;
  readonly file: string;
  readonly value: JsonObject;
  readonly given: GivenPolicy;
  readonly warnings: readonly string[];
  /** The file's text where it holds this policy and nothing else. */
  readonly source: { readonly text: Uint8Array; readonly format: ManifestFormat } | null;
}

/** What files hold. */
export interface PoliciesAndOthers {
  readonly policies: readonly PolicyInFile[];
  /** Objects of other kinds. */
  readonly others: readonly JsonObject[];
}

/**
 * The PodSecurityPolicies in files, folders and patterns, in the order found; objects of other kinds beside them are
 * passed over. Throws {@link UsageError} with everything that is wrong, each with its file and line.
 */
export async function readPolicyFiles(
  paths: readonly string[],
  directory: string,
  readInput: () => Promise<Uint8Array>,
): Promise<readonly PolicyInFile[]> {
  const { policies } = await readPoliciesAndOthers(paths, directory, readInput);
  if (policies.length === 0) throw new UsageError(`there is no PodSecurityPolicy in ${paths.join(', ')}`);
  return policies;
}

/** As {@link readPolicyFiles}, with the objects of other kinds; there may be no policy at all. */
export async function readPoliciesAndOthers(
  paths: readonly string[],
  directory: string,
  readInput: () => Promise<Uint8Array>,
): Promise<PoliciesAndOthers> {
  const { files, problems: unreadable } = await findManifests(paths, directory);
  const problems = unreadable.flatMap(linesOf);
  const policies = new Map<string, PolicyInFile>();
  const others: JsonObject[] = [];
  for (const path of files) {
    const reading = await readManifestFile(path, readInput);
    if (!reading.ok) {
      problems.push(...linesOf(reading.unreadable));
      continue;
    }
    const found = policiesIn(reading.read);
    problems.push(...found.problems);
    others.push(...found.others);
    for (const policy of found.policies) {
      const first = policies.get(policy.name);
      if (first === undefined) policies.set(policy.name, policy);
      else problems.push(`${policy.file}: policy ${policy.name} is already in ${first.file}`);
    }
  }
  if (problems.length > 0) throw new UsageError('the policies can not be read', problems);
  return { policies: [...policies.values()], others };
}

interface FoundPolicies extends PoliciesAndOthers {
  readonly problems: readonly string[];
}

function policiesIn({ file, body, format, manifests }: ReadFile): FoundPolicies {
  const { documents } = manifests;
  const policies: PolicyInFile[] = [];
  const others: JsonObject[] = [];
  const problems: string[] = [];
  for (const document of documents) {
    if (textMember(document.value, 'kind') !== 'PodSecurityPolicy') {
      others.push(document.value);
      continue;
    }
    const read = readGivenPolicy(document.value, null);
    if (read.ok) {
      const { given, warnings } = read;
      const source = documents.length === 1 && document.item === null ? { text: body, format } : null;
      policies.push({ name: given.policy.name, file, value: document.value, given, warnings, source });
      continue;
    }
    for (const problem of read.problems) {
      const place = manifests.locate(document, problem.pointer ?? '');
      problems.push(
        `${file}: ${problemText({ message: problem.message, pointer: problem.pointer ?? '', ...place })}`,
      );
    }
  }
  return { policies, others, problems };
}

function linesOf({ file, message, problems }: UnreadableFile): string[] {
  if (problems.length === 0) return [`${file}: ${message}`];
  return problems.map((problem) => `${file}: ${problemText(problem)}`);
}
