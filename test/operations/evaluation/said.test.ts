import { describe, expect, it } from 'vitest';
import type { EvaluationResult } from '../../../src/model/evaluation.js';
import { charactersSaid, checkKept, Said } from '../../../src/operations/evaluation/said.js';

const result = (changes: Partial<EvaluationResult>): EvaluationResult => ({
  object: { document: 0, item: null, apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'x', podPath: '' },
  decisionId: null,
  allowed: false,
  code: 'NO_POLICY_SATISFIED',
  policy: null,
  reason: '',
  patch: [],
  warnings: [],
  candidates: [],
  fixes: [],
  ...changes,
});

function candidate(violations: number, message: string): EvaluationResult['candidates'][number] {
  const violation = {
    control: 'hostPorts',
    type: 'Invalid',
    field: 'f',
    container: null,
    value: 1,
    message,
  } as const;
  return {
    policy: 'p',
    version: 1,
    outcome: 'REJECTED',
    mutates: false,
    violations: Array.from({ length: violations }, () => violation),
  };
}

const MEGABYTE = 'x'.repeat(1024 * 1024);
const tooLarge = expect.objectContaining({ code: 'TOO_LARGE' });

describe('what is said about a pod', () => {
  it('is measured in characters', () => {
    const [little, more] = [1, 2].map((count) =>
      result({ candidates: [candidate(count, 'm'.repeat(1000))] }),
    );
    expect(charactersSaid(more ?? result({})) - charactersSaid(little ?? result({}))).toBeGreaterThan(1000);
  });

  it.each<[string, Partial<EvaluationResult>]>([
    ['violations', { candidates: [candidate(25_000, 'm')] }],
    ['long messages', { candidates: [candidate(2, MEGABYTE)] }],
    ['a long patch', { patch: [{ op: 'add', path: '/a', value: [[MEGABYTE], { b: MEGABYTE }] }] }],
  ])('may not have too many: %s', (_, changes) => {
    expect(() => charactersSaid(result(changes))).toThrow(tooLarge);
  });

  it.each<[string, Partial<EvaluationResult>]>([
    ['violations', { candidates: [candidate(15_000, 'm')] }],
    ['long messages', { candidates: [candidate(1, MEGABYTE)] }],
    ['a long patch', { patch: [{ op: 'add', path: '/a', value: [[MEGABYTE], { b: '' }] }] }],
  ])('may have many: %s', (_, changes) => {
    expect(charactersSaid(result(changes))).toBeGreaterThan(1_000_000);
  });
});

describe('what is said in answer to a request', () => {
  const fix = {
    policy: 'p',
    patch: [],
    choices: [{ field: 'f', pointer: '/f', message: 'm', allowed: [MEGABYTE] }],
    impossible: null,
  };

  it('may not be too long, proposals included', () => {
    const said = new Said();
    said.add(60 * 1024 * 1024);
    for (let megabyte = 0; megabyte < 3; megabyte += 1) said.addFix(fix);
    expect(() => said.addFix(fix)).toThrow(tooLarge);
  });

  it('may be as long as a quarter of that where it is kept for an idempotency key', () => {
    const report = (pods: number) => ({
      allowed: false,
      cluster: 'a',
      policySetDigest: '',
      summary: { documents: 0, evaluated: 0, admitted: 0, denied: 0, skipped: 0 },
      results: Array.from({ length: pods }, () =>
        result({ candidates: [candidate(1, MEGABYTE)], fixes: [fix] }),
      ),
    });
    expect(() => checkKept(report(7))).not.toThrow();
    expect(() => checkKept(report(8))).toThrow(tooLarge);
  });
});
