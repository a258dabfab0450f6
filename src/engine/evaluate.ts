import { choosePolicy, type Choice } from './choose-policy.js';
import type {
  Candidate,
  CandidateOutcome,
  Evaluation,
  DecisionCode,
  EvaluationRequest,
} from './evaluation.js';
import { examinedPod, letThroughUnseen, mayMutate } from './examined.js';
import { findMutations, findViolations } from './judge.js';
import { type PodView, viewPod } from './pod-view.js';
import { SERVER_GATES } from './policy-spec.js';
import type { PolicySet } from './policy-set.js';
import type { Violation } from './violation.js';

/** The annotation that names the policy that admitted a pod. */
export const POLICY_ANNOTATION = 'kubernetes.io/psp';

const NO_VIOLATIONS: readonly Violation[] = Object.freeze([]);

/** What an evaluation remembers, so that patches and messages can be made of it later. */
export interface Trace {
  readonly set: PolicySet;
  readonly request: EvaluationRequest;
  readonly pod: PodView;
  /** Position of the chosen policy, -1: none. */
  readonly winner: number;
}

/** An evaluation as `evaluate` makes it; what it remembers is no part of its data. */
class TracedEvaluation implements Evaluation {
  readonly allowed: boolean;
  readonly code: DecisionCode;
  readonly policy: string | null;
  readonly reason: string;
  readonly examined: boolean;
  readonly candidates: readonly Candidate[];
  readonly #trace: Trace;

  constructor(choice: Choice, examined: boolean, candidates: readonly Candidate[], trace: Trace) {
    this.allowed = choice.code === 'ADMITTED';
    this.code = choice.code;
    this.policy = candidates[choice.winner]?.policy ?? null;
    this.reason = choice.reason;
    this.examined = examined;
    this.candidates = candidates;
    this.#trace = trace;
  }

  static traceOf(this: void, evaluation: Evaluation): Trace {
    if (evaluation instanceof TracedEvaluation) return evaluation.#trace;
    throw new TypeError('not an evaluation made by evaluate()');
  }
}

/** A candidate while it is not yet known who wins. */
type OpenCandidate = Omit<Candidate, 'outcome'> & { outcome: CandidateOutcome };

function notUsable(policy: string): OpenCandidate {
  return { policy, outcome: 'NOT_USABLE', mutates: false, violations: NO_VIOLATIONS };
}

/** What an evaluation remembers. Throws for an object that `evaluate` did not make. */
export const traceOf: (evaluation: Evaluation) => Trace = TracedEvaluation.traceOf;

/**
 * Decides about a pod as the PodSecurityPolicy admission plugin of Kubernetes 1.20 does: which policy admits it, what
 * that policy fills in, and for every policy what speaks against the pod. Pure: the same values give the same result,
 * and nothing that is given is written to. Throws TooManyViolations where there are more than the request allows.
 */
export function evaluate(set: PolicySet, request: EvaluationRequest): Evaluation {
  const gates = request.gates ?? SERVER_GATES;
  const pod = viewPod(examinedPod(request, gates), gates.ephemeralContainers);
  const mutations = findMutations(set, pod);
  const found = findViolations(set, pod, request.mostViolations ?? Number.POSITIVE_INFINITY);
  const mutable = mayMutate(request);
  const candidates = set.names.map((name, i): OpenCandidate => {
    const unusable = set.unusable[i] ?? null;
    if (unusable !== null) return { ...notUsable(name), unusable };
    if (!request.usable(name)) return notUsable(name);
    const violations = found[i]?.violations ?? NO_VIOLATIONS;
    const mutates = mutations.byAll || mutations.byPolicy[i] === true;
    const rejected = violations.length > 0 || (mutates && !mutable);
    return { policy: name, outcome: rejected ? 'REJECTED' : 'ADMITTED_NOT_CHOSEN', mutates, violations };
  });
  const unseen = letThroughUnseen(request, gates);
  const choice: Choice =
    unseen === null
      ? choosePolicy(candidates, mutable ? undefined : pod.annotations[POLICY_ANNOTATION])
      : { winner: -1, code: 'ADMITTED', reason: unseen };
  const winner = candidates[choice.winner];
  if (winner !== undefined) winner.outcome = 'ADMITTED';
  return new TracedEvaluation(choice, unseen === null, candidates, {
    set,
    request,
    pod,
    winner: choice.winner,
  });
}
