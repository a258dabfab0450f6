import { describe, expect, it } from 'vitest';
import { quantityUnits } from '../../src/engine/quantity.js';

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
    expect(quantityUnits('1.0001', 'resource')).toBe(1001n);
    expect(quantityUnits('1.0001', 'quantity')).not.toBe(quantityUnits('1.001', 'quantity'));
  });

  it.each(['', 'x', '1X', '1e', '--1', '1Ki2', '1e99999'])('%j is none', (text) => {
    expect(quantityUnits(text, 'quantity')).toBeNull();
  });
});
