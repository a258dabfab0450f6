import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../../src/engine/index.js';

describe('byte order', () => {
  it('puts names as Kubernetes does: - before . before digits before letters', () => {
    expect(['aa', 'a0', 'a.b', 'a-b', 'a', '9', '10'].sort(compareBytes)).toEqual([
      '10',
      '9',
      'a',
      'a-b',
      'a.b',
      'a0',
      'aa',
    ]);
  });

  it('is the order of UTF-8 bytes, which is not that of UTF-16 units', () => {
    expect(['\u{1f512}', '\uffff', '\ue000'].sort(compareBytes)).toEqual(['\ue000', '\uffff', '\u{1f512}']);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
