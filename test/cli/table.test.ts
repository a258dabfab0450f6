import { describe, expect, it } from 'vitest';
import { table } from '../../src/cli/table.js';
import { printable } from '../../src/report/printable.js';

describe('table', () => {
  it('aligns its columns and leaves the last as it is', () => {
    const rows = [
      [{ text: 'a' }, { text: 'one' }],
      [{ text: 'long' }, { text: '' }],
    ];
    expect(table(['N', 'TEXT'], rows, false)).toEqual(['N     TEXT', 'a     one', 'long']);
  });

  it('colours only where it may', () => {
    const rows = [[{ text: 'no', colour: 'red' as const }]];
    expect(table(['X'], rows, true)).toEqual(['\u001b[1mX\u001b[0m', '\u001b[31mno\u001b[0m']);
    expect(table(['X'], rows, false)).toEqual(['X', 'no']);
  });

  it('shows control characters escaped', () => {
    expect(printable('a\u001b[31mb\u0000')).toBe('a\\u001b[31mb\\u0000');
    expect(table(['X'], [[{ text: '\u0007' }]], false)[1]).toBe('\\u0007');
  });
});
