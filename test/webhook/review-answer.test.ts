import { describe, expect, it } from 'vitest';
import { reviewAnswer } from '../../src/webhook/review-answer.js';

type Verdict = Parameters<typeof reviewAnswer>[1];
type Review = Parameters<typeof reviewAnswer>[0];

function warningsOf(warnings: readonly string[]): readonly string[] {
  // Of a review and a verdict no more is looked at than is here.
  const review = { apiVersion: 'admission.k8s.io/v1', request: { uid: 'u' } } as Review;
  const verdict = {
    allowed: true,
    decisionId: null,
    patch: [],
    auditAnnotations: {},
    warnings,
  } as unknown as Verdict;
  return JSON.parse(reviewAnswer(review, verdict, (id) => id)).response.warnings ?? [];
}

describe('the warnings of an answer', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['that fit stay as they are', ['a', 'b'.repeat(256)], ['a', 'b'.repeat(256)]],
    ['of more than 256 characters are cut', ['b'.repeat(257)], [`${'b'.repeat(255)}…`]],
    ['show no control characters', ['a\nb\u0007'], ['a b ']],
    [
      'beyond 4096 characters altogether are left out',
      Array(40).fill('c'.repeat(256)),
      Array(16).fill('c'.repeat(256)),
    ],
  ])('%s', (_, given, expected) => {
    expect(warningsOf(given)).toEqual(expected);
  });
});
