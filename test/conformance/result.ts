import {
  admittedPod,
  type Candidate,
  type CompiledPolicy,
  compareBytes,
  compilePolicy,
  compilePolicySet,
  type Evaluation,
  evaluate,
  type FeatureGates,
  type FieldError,
  forbiddenMessage,
  type Pod,
} from '../../src/engine/index.js';
import type { Case } from './decode.js';

const CONTAINER_LISTS: ReadonlySet<string> = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/** The engine's answer to a case, in the format of the expected files. */
export function answer(given: Case): object {
  const gates = featureGates(given);
  const compiled: CompiledPolicy[] = [];
  const policyErrors: object[] = [];
  for (const source of given.policies) {
    const result = compilePolicy(source, gates);
    if (result.ok) compiled.push(result.policy);
    else policyErrors.push({ policy: source.name, errors: result.problems.map(fieldError) });
  }
  if (policyErrors.length > 0) return { id: given.id, policyErrors };
  const set = compilePolicySet(compiled);
  const request = { ...given, gates };
  const evaluation = evaluate(set, { ...request, usable: (policy) => mayUse(given, policy) });
  // Every policy alone, as if the subjects might use it.
  const { candidates } = evaluate(set, { ...request, usable: () => true });
  const reason = forbiddenMessage(evaluation);
  return {
    id: given.id,
    allowed: evaluation.allowed,
    policy: evaluation.policy,
    reason,
    ...(reason === null ? {} : { deniedAt: given.operation === 'CREATE' ? 'admit' : 'validate' }),
    changes: evaluation.policy === null || given.operation === 'UPDATE' ? [] : changes(given.pod, evaluation),
    perPolicy: candidates.map((candidate) => standing(candidate, mayUse(given, candidate.policy))),
  };
}

function standing(
  { policy, outcome, mutates, unusable, violations }: Candidate,
  authorized: boolean,
): object {
  return {
    name: policy,
    authorized,
    allowed: outcome === 'ADMITTED' || outcome === 'ADMITTED_NOT_CHOSEN',
    mutates,
    ...(unusable === undefined ? {} : { unusable }),
    errors: violations.map(fieldError),
  };
}

/** What a case doesn't say is as in the vectors' README. */
export function featureGates({ featureGates }: Case): FeatureGates {
  return {
    procMountType: featureGates['ProcMountType'] ?? true,
    genericEphemeralVolume: featureGates['GenericEphemeralVolume'] ?? true,
    ephemeralContainers: featureGates['EphemeralContainers'] ?? false,
  };
}

/** The service account of the pod or the user may use the policy; a user who is that account has no list of its own. */
function mayUse(given: Case, policy: string): boolean {
  const account = given.pod.spec?.serviceAccountName || given.pod.spec?.serviceAccount || '';
  const accountMay = given.serviceAccountPolicies?.includes(policy) ?? true;
  if (account !== '' && accountMay) return true;
  if (account !== '' && given.user === `system:serviceaccount:${given.namespace}:${account}`) return false;
  return given.userPolicies?.includes(policy) ?? true;
}

function fieldError({ type, field, value, message }: FieldError): object {
  return { type: `FieldValue${type}`, field, badValue: value, detail: message };
}

/** Leaves that admission changed, the annotation with the policy's name included, by pointer. */
function changes(pod: Pod, evaluation: Evaluation): [string, unknown][] {
  const admitted = admittedPod(evaluation);
  const annotations = { ...admitted.metadata?.annotations, 'kubernetes.io/psp': evaluation.policy };
  const stored = { ...admitted, metadata: { ...admitted.metadata, annotations } };
  const found: [string, unknown][] = [];
  compare('', pod, stored, true, found);
  return found.sort(([a], [b]) => compareBytes(a, b));
}

function compare(
  pointer: string,
  before: unknown,
  after: unknown,
  enter: boolean,
  found: [string, unknown][],
): void {
  if (isObject(before) || isObject(after)) {
    const members = new Set([...Object.keys(toObject(before)), ...Object.keys(toObject(after))]);
    for (const member of members) {
      const path = `${pointer}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      compare(path, toObject(before)[member], toObject(after)[member], CONTAINER_LISTS.has(member), found);
    }
  } else if (enter && Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < after.length; i++) compare(`${pointer}/${i}`, before[i], after[i], false, found);
  } else if (!sameLeaf(before, after)) {
    found.push([pointer, after ?? null]);
  }
}

/** The API writes no empty lists. */
function sameLeaf(before: unknown, after: unknown): boolean {
  const [a, b] = [before, after].map((leaf) => (Array.isArray(leaf) && leaf.length === 0 ? undefined : leaf));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => sameLeaf(item, b[i]));
  return a === b;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? (value as Record<string, unknown>) : {}; // just asked
}
