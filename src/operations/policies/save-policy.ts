import { noVersion, PodgateError } from '../../model/errors.js';
import type { PolicyWarning } from '../../model/policy-lint/policy-warning.js';
import type { Policy, PolicyVersion, SourceFormat } from '../../model/policy.js';
import { contentDigest } from '../../model/policy-set.js';
import { findPolicyVersion, insertPolicy, lockPolicy } from '../../storage/policies.js';
import { inTransaction, type Tx } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { lintWhereAssigned } from './lint-members.js';
import {
  checkPublisher,
  type ExpectedVersion,
  publishVersion,
  requireActive,
  requireVersion,
} from './publish-version.js';
import type { ReadManifest } from './read-manifest.js';

/** A policy's manifest that is to be saved under a name. */
export interface SavePolicyInput {
  /** The name that `metadata.name` must be; null takes it from there. */
  readonly name: string | null;
  /** The PodSecurityPolicy as `kubectl` takes it. */
  readonly text: string;
  readonly format: SourceFormat;
  /** Why it was changed. */
  readonly message?: string | null;
  /** The version that the client has seen as the latest; absent: whatever it is. */
  readonly expectedVersion?: ExpectedVersion;
}

/** The policy with its latest version, and whether that is new. */
export interface SavedPolicy {
  readonly policy: Policy;
  readonly version: PolicyVersion;
  /** UNCHANGED: the content is that of the latest version, nothing was written. */
  readonly outcome: 'CREATED' | 'UPDATED' | 'UNCHANGED';
  /** What is odd about the policy, by itself and beside others where it is assigned. */
  readonly warnings: readonly PolicyWarning[];
}

/**
 * Saves a policy: the first time as version 1, with changed content as the next version. Throws MALFORMED, INVALID,
 * STALE_VERSION or POLICY_ARCHIVED.
 */
export async function savePolicy(context: OperationContext, input: SavePolicyInput): Promise<SavedPolicy> {
  checkPublisher(context, input.message);
  const { database, runPolicyTask } = context.services;
  const manifest = await runPolicyTask('read', input.text, input.format, input.name);
  const save = () => inTransaction(database, (tx) => saveIn(tx, context, input, manifest));
  const saved = await save().catch((error: unknown) => {
    // Two requests created the same policy at once: the other one has, so this one now adds to it.
    if (error instanceof PodgateError && error.code === 'CONFLICT') return save();
    throw error;
  });
  const beside = await lintWhereAssigned(context, saved.policy.id);
  return { ...saved, warnings: [...saved.warnings, ...beside] };
}

async function saveIn(
  tx: Tx,
  context: OperationContext,
  input: SavePolicyInput,
  manifest: ReadManifest,
): Promise<SavedPolicy> {
  const { name, content, warnings } = manifest;
  const existing = await lockPolicy(tx, name);
  requireVersion(name, existing?.latestVersion ?? 0, input.expectedVersion ?? null);
  if (existing !== null) {
    requireActive(existing);
    const latest = await findPolicyVersion(tx, existing.id, existing.latestVersion);
    if (latest === null) throw noVersion(name, existing.latestVersion);
    if (latest.digest === contentDigest(content)) {
      return { policy: existing, version: latest, outcome: 'UNCHANGED', warnings };
    }
  }
  const policy = existing ?? (await insertPolicy(tx, { name, kind: 'PodSecurityPolicy' }));
  const next = {
    content,
    source: input.text,
    sourceFormat: input.format,
    message: input.message ?? null,
    restoredFrom: null,
  };
  const action = existing === null ? 'POLICY_CREATED' : 'POLICY_VERSION_SAVED';
  const published = await publishVersion(tx, context, policy, next, action);
  return { ...published, outcome: existing === null ? 'CREATED' : 'UPDATED', warnings };
}
