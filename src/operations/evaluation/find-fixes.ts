import {
  addServiceAccountVolume,
  compilePolicySet,
  type PolicySet,
  type PolicySource,
} from '../../engine/index.js';
import { readPolicyContent } from '../../kubernetes/policy-manifest.js';
import type { EvaluationResult } from '../../model/evaluation.js';
import { fixPod } from '../../model/fixes/fix-pod.js';
import type { PolicyFix } from '../../model/fixes/policy-fix.js';
import type { CompiledSet } from './compiled-set.js';
import type { PodObject } from './read-objects.js';

/** Finds how a denied pod could be admitted: one fix for each policy that rejects it, found when it is asked for. */
export type FindFixes = (source: PodObject, result: EvaluationResult) => Iterable<PolicyFix>;

/** Nobody reads a fix of more violations than these, and it is found in one piece that takes as long as they are many. */
const MOST_FIXED = 1_000;

const finders = new WeakMap<CompiledSet, FindFixes>();

/** What finds the fixes under a set: made once for as long as the set is in use. */
export function fixFinder(set: CompiledSet): FindFixes {
  const known = finders.get(set);
  if (known !== undefined) return known;
  const made = makeFixFinder(set);
  finders.set(set, made);
  return made;
}

/** Of each policy that is needed the content is read once. */
function makeFixFinder(set: CompiledSet): FindFixes {
  const known = new Map<string, { readonly policy: PolicySource; readonly set: PolicySet }>();
  const prepare = set.addServiceAccountVolume ? addServiceAccountVolume : <T>(pod: T) => pod;
  const alone = (name: string) => {
    const found = known.get(name);
    const member = set.members.get(name);
    if (found !== undefined || member === undefined) return found;
    const compiled = set.policies.policies.filter((policy) => policy.name === name);
    const made = { policy: readPolicyContent(member.content), set: compilePolicySet(compiled) };
    known.set(name, made);
    return made;
  };
  return function* ({ pod, podPointer }, { allowed, candidates }) {
    if (allowed) return;
    for (const { policy: name, outcome, violations } of candidates) {
      const policy = outcome === 'REJECTED' ? alone(name) : undefined;
      if (policy === undefined) continue;
      if (violations.length > MOST_FIXED) yield notSought(name);
      else yield fixPod({ pod, podPointer, violations, prepare, ...policy });
    }
  };
}

function notSought(policy: string): PolicyFix {
  const impossible = `nothing is proposed where more than ${MOST_FIXED} things are wrong: change some of them first`;
  return { policy, patch: [], choices: [], impossible };
}
