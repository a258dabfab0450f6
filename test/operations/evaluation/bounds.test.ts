import { describe, expect, it } from 'vitest';
import type { JsonValue, Pod } from '../../../src/engine/index.js';
import {
  countValues,
  evaluateWithin,
  MOST_VALUES,
  sizeProblem,
} from '../../../src/operations/evaluation/bounds.js';
import { givenPolicySet, readGivenPolicy } from '../../../src/operations/evaluation/given-policies.js';

const anything = { rule: 'RunAsAny' };
const ids = { runAsUser: anything, seLinux: anything, fsGroup: anything, supplementalGroups: anything };

/** So many policies that allow one host port, each another one. */
function setOf(count: number, annotation = '') {
  const given = Array.from({ length: count }, (_, index) => {
    const read = readGivenPolicy(
      {
        apiVersion: 'policy/v1beta1',
        kind: 'PodSecurityPolicy',
        metadata: { name: `p${index}`, annotations: { note: annotation } },
        spec: { ...ids, volumes: ['*'], hostPorts: [{ min: index + 1, max: index + 1 }] },
      },
      null,
    );
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    return read.given;
  });
  return givenPolicySet(given);
}

function podWithPorts(count: number): Pod {
  const ports = Array.from({ length: count }, (_, index) => ({ containerPort: 1, hostPort: 40_000 + index }));
  return { metadata: { name: 'x' }, spec: { containers: [{ name: 'c', ports }] } };
}

const judge = (policies: number, values: number, pod: Pod, annotation?: string) =>
  evaluateWithin(setOf(policies, annotation), values, {
    pod,
    operation: 'CREATE',
    usable: () => true,
    name: 'x',
  });

const tooLarge = expect.objectContaining({ code: 'TOO_LARGE' });

describe('an object', () => {
  it.each<[JsonValue, number]>([
    [1, 1],
    [[], 1],
    [{ a: [1, 'b', null], c: { d: true } }, 7],
    [Array.from({ length: MOST_VALUES - 1 }, () => 0), MOST_VALUES],
  ])('has its values counted (%#)', (value, count) => {
    expect(countValues(value)).toBe(count);
    expect(sizeProblem(count)).toBeNull();
  });

  it('that has too many is refused, and no more of them are counted', () => {
    const nothing = Array.from({ length: 10 * MOST_VALUES }, () => 0);
    expect(countValues(nothing)).toBeLessThan(MOST_VALUES + 10);
    expect(sizeProblem(countValues(nothing))).toMatchObject({ type: 'TooLong', pointer: '' });
  });
});

describe('a pod', () => {
  it.each<[string, () => unknown]>([
    ['two thousand values and five hundred policies', () => judge(500, 2_000, podWithPorts(1))],
    ['fifty thousand violations', () => judge(100, 2_000, podWithPorts(500))],
  ])('is judged with %s', (_, judged) => {
    expect(judged()).toMatchObject({ allowed: false });
  });

  it.each<[string, () => unknown, RegExp]>([
    ['too many values', () => judge(1, MOST_VALUES + 1, podWithPorts(1)), /the object is too large/i],
    [
      'too many policies for its size',
      () => judge(10, 10_000, podWithPorts(1), 'a'.repeat(100_000)),
      /policies are too many or too long/i,
    ],
    ['too many violations', () => judge(100, 2_000, podWithPorts(501)), /more to say about one pod/],
  ])('is refused with %s', (_, judged, message) => {
    expect(judged).toThrow(tooLarge);
    expect(judged).toThrow(message);
  });
});
