import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerText } from '../../src/graphql/answer-text.js';
import { exactJson } from '../../src/model/exact-json.js';

const large = (filler: unknown) => ({
  errors: undefined,
  data: { evaluate: { results: Array.from({ length: 6_000 }, (_, index) => ({ index, filler })) } },
});

describe('the text of an answer', () => {
  it.each([
    ['a small one', { data: { viewer: { actor: 'admin', clusters: null } }, errors: undefined }],
    ['a large one', large(['x', 1, null, true, {}, []])],
    ['integers beyond 2^53', large(2n ** 64n)],
    ['what is undefined', large({ a: undefined, b: [undefined] })],
    ['what is deep', large([[[[[[[[[1]]]]]]]]])],
  ])('is as it is written in one piece: %s', async (_, answer) => {
    expect(await answerText(answer)).toBe(exactJson(answer));
  });

  it('is as it is written in one piece, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 8 }), async (value) => {
        expect(await answerText(large(value))).toBe(exactJson(large(value)));
      }),
      { numRuns: 20 },
    );
  });

  it('is written in turns where it is large', () => {
    expect(answerText(large(1))).toBeInstanceOf(Promise);
    expect(typeof answerText({ data: {} })).toBe('string');
  });
});
