import {
  evaluate,
  type JsonValue,
  type Pod,
  type PolicySet,
  type PolicySource,
  type Violation,
} from '../../engine/index.js';
import { difference, Draft, type Edit, edited, isList, type Path, pointerOf, valueAt } from './json-edit.js';
import { NeededRepairs } from './needed-repairs.js';
import type { PolicyFix } from './policy-fix.js';
import { fieldOf, type Repair, type RepairByChoice } from './repair.js';
import { REPAIRS } from './repairs.js';

/** A pod that a policy rejects, and the policy. */
export interface FixInput {
  readonly pod: Pod;
  /** JSON Pointer of the pod in the submitted object: `` or such as `/spec/template`. */
  readonly podPointer: string;
  readonly policy: PolicySource;
  /** What the policy has against the pod as it is. */
  readonly violations: readonly Violation[];
  /** The policy alone, compiled. */
  readonly set: PolicySet;
  /** What the cluster does to a pod before policies see it. */
  readonly prepare: (pod: Pod) => Pod;
}

/** One violation may hide another, but not many. */
const MOST_ROUNDS = 10;
/** With more operations than these none is tried to be left out: pods so long repeat one mistake in every container. */
const MOST_TRIED = 64;

/** What is wrong with a pod under the policy; `null` where the policy admits it. */
type Judge = (pod: JsonValue) => readonly Violation[] | null;

/**
 * Finds the smallest change to a pod's manifest that makes a policy admit it: wrong values are taken back where the
 * policy then fills in right ones or absence is right, else replaced; what only the author can know is named. Whatever
 * is proposed was tried with the engine.
 */
export function fixPod(input: FixInput): PolicyFix {
  const judge = judgeOf(input);
  // Safe: a pod is decoded JSON, of which its type only tells more.
  const pod = input.pod as JsonValue;
  let fixed = pod;
  let choices: readonly RepairByChoice[] = [];
  const needed = new NeededRepairs();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const tried = withSamples(fixed, choices);
    const violations = round === 0 ? input.violations : judge(tried);
    if (violations === null) return fixOf(input, { pod, fixed, choices, needed }, judge);
    const repairs = repairsOf(violations, tried, input.policy);
    const helpless = repairs.find(({ found }) => found.length === 0);
    if (helpless !== undefined) return impossible(input.policy.name, helpless.violation);
    needed.add(repairs);
    const all = repairs.flatMap(({ found }) => found);
    fixed = repaired(fixed, all);
    choices = withNew(choices, all, tried, fixed);
  }
  const [unsolved] = judge(withSamples(fixed, choices)) ?? [];
  return impossible(input.policy.name, unsolved);
}

function judgeOf({ set, prepare }: FixInput): Judge {
  return (pod) => {
    // Safe: a changed pod has what the submitted one had, less or with values of the same types.
    const request = { pod: prepare(pod as Pod), operation: 'CREATE', usable: () => true } as const;
    const evaluation = evaluate(set, request);
    return evaluation.allowed ? null : (evaluation.candidates[0]?.violations ?? []);
  };
}

function repairsOf(violations: readonly Violation[], pod: JsonValue, policy: PolicySource) {
  const network = violations.some(({ control }) => control === 'hostNetwork');
  return (
    eachOnce(violations)
      // Without hostNetwork many a host port is none any more: the next round tells.
      .filter(({ control }) => !network || control !== 'hostPorts')
      .map((violation) => ({ violation, found: REPAIRS[violation.control]({ violation, pod, policy }) }))
  );
}

/** Each violation once: of a port that a container asks for a thousand times there are a thousand. */
function eachOnce(violations: readonly Violation[]): readonly Violation[] {
  const seen = new Map<unknown, Violation>();
  for (const violation of violations) {
    const { control, field, value } = violation;
    const isPlain = typeof value !== 'object' || value === null;
    seen.set(isPlain ? `${control} ${field} ${typeof value} ${String(value)}` : violation, violation);
  }
  return [...seen.values()];
}

/** The pod with what needs no choice done; of a list the last items go first, so that indexes hold. */
function repaired(pod: JsonValue, repairs: readonly Repair[]): JsonValue {
  const sets = repairs.filter((repair) => repair.kind === 'set');
  const removals = repairs.filter((repair) => repair.kind === 'remove').map(({ path }) => path);
  const draft = new Draft(pod);
  for (const { path, value } of sets) draft.set(path, value);
  return withoutAll(draft, removals);
}

function withoutAll(draft: Draft, paths: readonly Path[]): JsonValue {
  const distinct = [...new Map(paths.map((path) => [pointerOf(path), path])).values()];
  const members = distinct.filter((path) => typeof path.at(-1) === 'string');
  const items = distinct.filter((path) => typeof path.at(-1) === 'number');
  items.sort((a, b) => Number(b.at(-1)) - Number(a.at(-1)));
  for (const path of [...members, ...items]) draft.remove(path);
  return draft.value;
}

/** The pod as it would be with the choices made. */
function withSamples(pod: JsonValue, choices: readonly RepairByChoice[]): JsonValue {
  if (choices.length === 0) return pod;
  const samples = choices.map(({ sample }) => sample);
  const draft = new Draft(pod);
  for (const { path, value } of samples) if (value !== undefined) draft.set(path, value);
  return withoutAll(
    draft,
    samples.filter(({ value }) => value === undefined).map(({ path }) => path),
  );
}

/** The choices with those that are new. Their paths are told in the pod that still has every volume. */
function withNew(
  known: readonly RepairByChoice[],
  repairs: readonly Repair[],
  tried: JsonValue,
  fixed: JsonValue,
): readonly RepairByChoice[] {
  if (!repairs.some(({ kind }) => kind === 'choose')) return known;
  const all = new Map(known.map((choice) => [pointerOf(choice.path), choice]));
  const pathInFixed = sameVolume(tried, fixed);
  for (const repair of repairs) {
    if (repair.kind !== 'choose') continue;
    const path = pathInFixed(repair.path);
    const sample = { ...repair.sample, path: pathInFixed(repair.sample.path) };
    const key = pointerOf(path);
    if (!all.has(key)) all.set(key, { ...repair, path, sample });
  }
  return [...all.values()];
}

/** Tells of a path into a volume of one pod what it is for the volume of that name in another. */
function sameVolume(from: JsonValue, to: JsonValue): (path: Path) => Path {
  const volumes = valueAt(to, ['spec', 'volumes']);
  const places = new Map<JsonValue | undefined, number>();
  for (const [place, volume] of (isList(volumes) ? volumes : []).entries()) {
    const name = valueAt(volume, ['name']);
    if (!places.has(name)) places.set(name, place);
  }
  return (path) => {
    const [spec, list, index, ...rest] = path;
    if (spec !== 'spec' || list !== 'volumes' || index === undefined) return path;
    const place = places.get(valueAt(from, [spec, list, index, 'name']));
    return place === undefined ? path : [spec, list, place, ...rest];
  };
}

/** A pod, as it is fixed, and the changes that are needed for sure. */
interface Fixed {
  readonly pod: JsonValue;
  readonly fixed: JsonValue;
  readonly choices: readonly RepairByChoice[];
  readonly needed: NeededRepairs;
}

function fixOf(
  { policy, podPointer }: FixInput,
  { pod, fixed, choices, needed }: Fixed,
  judge: Judge,
): PolicyFix {
  const isEnough = (edits: readonly Edit[]) => judge(withSamples(edited(pod, edits), choices)) === null;
  const all = difference(pod, fixed);
  const edits = fewest(all, needed, isEnough);
  return {
    policy: policy.name,
    patch: edits.map((edit) => ({ ...edit, path: podPointer + pointerOf(edit.path) })),
    choices: choices.map(({ path, message, allowed }) => {
      return { field: fieldOf(path), pointer: podPointer + pointerOf(path), message, allowed };
    }),
    impossible: null,
  };
}

/** The edits without those that can be left out. */
function fewest(
  edits: readonly Edit[],
  needed: NeededRepairs,
  isEnough: (edits: readonly Edit[]) => boolean,
): readonly Edit[] {
  // A single one is needed: without it the pod is what was rejected.
  if (edits.length < 2 || edits.length > MOST_TRIED) return edits;
  return edits.reduce<readonly Edit[]>((kept, edit) => {
    if (needed.has(edit)) return kept;
    const others = kept.filter((one) => one !== edit);
    return isEnough(others) ? others : kept;
  }, edits);
}

function impossible(policy: string, violation: Violation | undefined): PolicyFix {
  const why = violation === undefined ? '' : `: ${violation.message || violation.field}`;
  return { policy, patch: [], choices: [], impossible: `no change of the manifest helps${why}` };
}
