import { describe, expect, it } from 'vitest';
import { PodgateError, type ProblemValue } from '../../src/model/errors.js';

const withProblem = (problem: { readonly message?: string; readonly value?: ProblemValue }) =>
  new PodgateError('INVALID', 'not valid', { problems: [{ message: 'wrong', ...problem }] }).problems[0];

describe('what an error tells of a request', () => {
  it('is a thousand problems at most, the first ones', () => {
    const problems = Array.from({ length: 2_000 }, (_, index) => ({ message: `${index}` }));
    const told = new PodgateError('INVALID', 'not valid', { problems }).problems;
    expect(told).toEqual(problems.slice(0, 1_000));
  });

  it.each<[string, boolean, ProblemValue]>([
    ['a text of a thousand characters', true, 'x'.repeat(1_000)],
    ['nothing', true, null],
    ['an integer beyond 2^53', true, 9_007_199_254_740_993n],
    ['a longer text', false, 'x'.repeat(1_001)],
    ['a long list', false, Array.from({ length: 1_000 }, (_, index) => index)],
  ])('has %s as value: %s', (_, isTold, value) => {
    expect(withProblem({ value })).toEqual({ message: 'wrong', ...(isTold ? { value } : {}) });
  });

  it('has a thousand characters of a message, its beginning and its end', () => {
    const long = `begin${'x'.repeat(2_000)}end`;
    const cut = `begin${'x'.repeat(694)}…${'x'.repeat(297)}end`;
    expect(withProblem({ message: long })?.message).toBe(cut);
    expect(new PodgateError('NOT_FOUND', long).message).toBe(cut);
    expect(cut).toHaveLength(1_000);
  });
});
