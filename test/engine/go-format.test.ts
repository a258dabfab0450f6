import { describe, expect, it } from 'vitest';
import { formatFieldError, quote } from '../../src/engine/go-format.js';
import type { FieldError } from '../../src/engine/index.js';

describe("Go's %q", () => {
  it.each([
    ['plain', '"plain"'],
    ['', '""'],
    ['"\\', '"\\"\\\\"'],
    ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['ä€🔒', '"ä€🔒"'],
    ['\u0085\u00a0\u00ad', '"\\u0085\\u00a0\\u00ad"'],
    ['\u2028\ufeff\u200b\ue000', '"\\u2028\\ufeff\\u200b\\ue000"'],
    ['\u{e0001}', '"\\U000e0001"'],
    ['e\u0301', '"e\u0301"'],
    ['<&>', '"<&>"'],
  ])('quotes %j', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  it('writes half a surrogate pair as the replacement character that Go decoded it to', () => {
    expect(quote('a\ud800b')).toBe('"a\ufffdb"');
  });
});

describe('field errors as Kubernetes prints them', () => {
  it.each<[string, Partial<FieldError>]>([
    ['f: Invalid value: true: no', { value: true, message: 'no' }],
    ['f: Invalid value: 9223372036854775807: no', { value: 9223372036854775807n, message: 'no' }],
    ['f: Invalid value: "a\\"b"', { value: 'a"b', message: '' }],
    ['f: Invalid value: "null": no', { value: null, message: 'no' }],
    ['f: Invalid value: []int64{}: no', { value: [], message: 'no' }],
    ['f: Invalid value: []int64{1, 5}: no', { value: [1, 5n], message: 'no' }],
    ['f: Invalid value: []core.Capability{"A", "B"}: no', { value: ['A', 'B'], message: 'no' }],
    ['f: Required value: is required', { type: 'Required', value: '', message: 'is required' }],
    ['f: Forbidden', { type: 'Forbidden', value: '', message: '' }],
    [
      'f: Unsupported value: "x": supported values: "y"',
      { type: 'NotSupported', value: 'x', message: 'supported values: "y"' },
    ],
    ['f: Duplicate value: "x"', { type: 'Duplicate', value: 'x', message: '' }],
    [
      'f: Too long: must have at most 1 bytes',
      { type: 'TooLong', value: 'x', message: 'must have at most 1 bytes' },
    ],
  ])('prints %s', (text, error) => {
    expect(formatFieldError({ type: 'Invalid', field: 'f', value: '', message: '', ...error })).toBe(text);
  });
});
