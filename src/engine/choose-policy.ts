import type { Candidate, DecisionCode } from './evaluation.js';

/** Which policy wins, and why. */
export interface Choice {
  /** Position of the winner among the candidates, -1: none. */
  readonly winner: number;
  readonly code: DecisionCode;
  /** One sentence for people. */
  readonly reason: string;
}

/**
 * Chooses among candidates, in byte order of their names, as Kubernetes 1.20 does: the first that admits the pod
 * unchanged wins, even over earlier ones that would change it; else the first that admits it with changes. On UPDATE
 * (where no candidate that changes the pod admits it) the policy that the pod's annotation names, `hint`, goes first.
 */
export function choosePolicy(candidates: readonly Candidate[], hint: string | undefined): Choice {
  let unchanged = -1;
  let unchangedCount = 0;
  let changed = -1;
  let usableCount = 0;
  let hinted = -1;
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i];
    if (candidate === undefined || candidate.outcome === 'NOT_USABLE') continue;
    usableCount++;
    if (candidate.outcome === 'REJECTED') continue;
    if (candidate.mutates) {
      if (changed < 0) changed = i;
      continue;
    }
    unchangedCount++;
    if (unchanged < 0) unchanged = i;
    if (hinted < 0 && candidate.policy === hint) hinted = i;
  }
  if (hinted >= 0)
    return admitted(hinted, 'admits the pod unchanged; named by its annotation kubernetes.io/psp');
  if (unchangedCount === 1) return admitted(unchanged, 'admits the pod unchanged; the only one that does');
  if (unchangedCount > 1) {
    return admitted(unchanged, `admits the pod unchanged; first by name among ${unchangedCount} that do`);
  }
  if (changed >= 0) {
    return admitted(changed, 'no policy admits it unchanged; first by name that admits it with changes');
  }
  return denied(candidates.length, usableCount);
}

function admitted(winner: number, reason: string): Choice {
  return { winner, code: 'ADMITTED', reason };
}

function denied(total: number, usable: number): Choice {
  if (total === 0) return refusal('NO_POLICY_ASSIGNED', 'no policy is assigned');
  if (usable === 0) {
    const which = total === 1 ? 'the only policy' : `none of the ${total} policies`;
    return refusal('NO_POLICY_USABLE', `${which} is ${total === 1 ? 'not ' : ''}usable for this pod`);
  }
  return refusal(
    'NO_POLICY_SATISFIED',
    usable === 1
      ? 'the only usable policy does not admit the pod'
      : `none of the ${usable} usable policies admits the pod`,
  );
}

function refusal(code: DecisionCode, reason: string): Choice {
  return { winner: -1, code, reason };
}
