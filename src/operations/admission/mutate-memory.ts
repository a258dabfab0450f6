import { createHash } from 'node:crypto';
import type { Pod } from '../../engine/index.js';
import { canonicalJson } from '../../kubernetes/canonical-json.js';
import { type JsonObject, type JsonValue, podAsJson } from '../../kubernetes/json-value.js';
import type { Requester } from '../../model/assignment.js';

/** A decision that mutated a pod, as this process remembers it. */
export interface NotedMutation {
  readonly decisionId: string;
  /** Other processes know of it too. */
  readonly isShared: boolean;
}

/** Remembers for seconds, in this process, which decision mutated a pod. */
export interface MutateMemory {
  /** Notes the decision that admitted a pod as it now is. */
  note(key: string, decisionId: string, isShared: boolean): void;
  /** The oldest noted decision about such a pod, which is forgotten with that: each creation has its own. */
  take(key: string): NotedMutation | null;
  /** The latest noted decision about such a pod, which stays. */
  peek(key: string): string | null;
}

/** Longer than an API server waits between its two phases (10 s a webhook, 30 s at most). */
const REMEMBERED_MS = 30_000;
const MOST_KEYS = 20_000;

interface Noted extends NotedMutation {
  readonly until: number;
}

/** Makes the memory; `now` are milliseconds of a clock. */
export function createMutateMemory(now: () => number): MutateMemory {
  const noted = new Map<string, Noted[]>();
  const living = (key: string) => (noted.get(key) ?? []).filter(({ until }) => until > now());
  return {
    note(key, decisionId, isShared) {
      const others = living(key);
      noted.delete(key);
      noted.set(key, [...others, { decisionId, isShared, until: now() + REMEMBERED_MS }]);
      const [oldest] = noted.keys();
      if (oldest !== undefined && noted.size > MOST_KEYS) noted.delete(oldest);
    },
    take(key) {
      const [first, ...others] = living(key);
      if (others.length > 0) noted.set(key, others);
      else noted.delete(key);
      return first ?? null;
    },
    peek: (key) => living(key).at(-1)?.decisionId ?? null,
  };
}

/** Written by the API server between the phases, from the fields or to the fields: section of seccomp. */
const SECCOMP_ANNOTATION = /^(container\.)?seccomp\.security\.alpha\.kubernetes\.io\//;

/**
 * Names a pod of a requester as it leaves mutation and as it comes to validation. What the API server adds in between
 * doesn't count: a generated name, a uid, times, field managers, status, and seccomp's annotations and fields, of which
 * it makes each from the other.
 */
export function mutateKey(clusterId: string, requester: Requester, pod: Pod): Buffer {
  const { metadata, spec } = podAsJson(pod);
  const kept = { metadata: comparableMetadata(asObject(metadata)), spec: withoutSeccomp(spec ?? null) };
  const { user, namespace } = requester;
  return createHash('sha256')
    .update(canonicalJson([clusterId, namespace, user, kept]))
    .digest();
}

function comparableMetadata({
  name,
  generateName,
  labels,
  annotations,
  ownerReferences,
}: JsonObject): JsonValue {
  const comparable = Object.entries(asObject(annotations)).filter(([key]) => !SECCOMP_ANNOTATION.test(key));
  return {
    name: generateName ? generateName : (name ?? null),
    labels: labels ?? null,
    annotations: Object.fromEntries(comparable),
    ownerReferences: ownerReferences ?? null,
  };
}

function withoutSeccomp(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutSeccomp);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([key]) => key !== 'seccompProfile');
  return Object.fromEntries(members.map(([key, inner]) => [key, withoutSeccomp(inner)]));
}

function asObject(value: JsonValue | undefined): JsonObject {
  // Neither null nor a list nor a scalar: what is left of JSON is an object.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
