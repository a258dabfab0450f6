import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantityUnits } from '../../src/engine/quantity.js';

const NANO = 10n ** 9n;
const digits = fc.stringMatching(/^(0{0,3}[0-9]{1,6}|9{1,210}|[0-9]{190,210})$/);
/** Suffixes, and how many nano one of them is. */
const suffix = fc.constantFrom<[string, bigint]>(
  ['', NANO],
  ['n', 1n],
  ['m', NANO / 1000n],
  ['E', NANO * 10n ** 18n],
  ['e-8', 10n],
  ['e21', NANO * 10n ** 21n],
  ['Ki', NANO * 1024n],
  ['Ei', NANO * 2n ** 60n],
);

describe('quantities', () => {
  it.each([
    ['1', '1000m'],
    ['1Ki', '1024'],
    ['1k', '1e3'],
    ['1.5Gi', '1536Mi'],
    ['0.1', '100m'],
    ['1E3', '1000'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1E', '1000P'],
    ['100n', '0.1u'],
  ])('%s is %s', (a, b) => {
    expect(quantityUnits(a, 'quantity')).toBe(quantityUnits(b, 'quantity'));
    expect(quantityUnits(a, 'quantity')).not.toBeNull();
  });

  it('rounds resources up to the milli', () => {
    expect(quantityUnits('1.0001', 'resource')).toBe('1001');
    expect(quantityUnits('1.0001', 'quantity')).not.toBe(quantityUnits('1.001', 'quantity'));
  });

  it.each(['', 'x', '1X', '1e', '1e+', '--1', '1+1', '1Ki2', '1e99999', '1toString'])(
    '%j is none',
    (text) => {
      expect(quantityUnits(text, 'quantity')).toBeNull();
    },
  );

  it('are what plain arithmetic makes of them', () => {
    fc.assert(
      fc.property(
        digits,
        digits,
        suffix,
        fc.constantFrom('', '-', '+'),
        (whole, fraction, [end, times], sign) => {
          const units = BigInt(whole + fraction) * times;
          const one = 10n ** BigInt(fraction.length) * NANO;
          const milli = (units * 1000n + one - 1n) / one;
          expect(quantityUnits(`${sign}${whole}.${fraction}${end}`, 'resource')).toBe(
            String(sign === '-' ? -milli : milli),
          );
        },
      ),
    );
  });

  it.each([
    ['digits and what is no suffix', `${'1'.repeat(100_000)}x!`],
    ['digits of a fraction and what is no suffix', `.${'1'.repeat(100_000)}x!`],
    ['letters', `1${'k'.repeat(100_000)}!`],
    ['digits', '1'.repeat(2_000_000)],
    ['digits of a fraction', `0.${'1'.repeat(2_000_000)}`],
    ['digits before a binary suffix', `${'1'.repeat(2_000_000)}Ei`],
    ['nines to be rounded up', `${'9'.repeat(2_000_000)}.9999m`],
    ['zeros', '0'.repeat(2_000_000)],
  ])('of very many %s are read in bounded time', (_what, text) => {
    const started = performance.now();
    quantityUnits(text, 'resource');
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
