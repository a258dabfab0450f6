import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SysctlPatterns } from '../../src/engine/sysctl-patterns.js';

const name = fc.stringMatching(/^[ab.\ud800é]{0,4}$/);
const pattern = fc.oneof(
  name,
  name.map((start) => `${start}*`),
);
const patterns = fc.oneof(
  fc.array(pattern, { maxLength: 4 }),
  fc.array(pattern, { minLength: 10, maxLength: 40 }),
  fc.array(
    name.map((start) => `x${start}*`),
    { minLength: 17, maxLength: 40 },
  ),
);

describe('patterns of sysctls, few or many', () => {
  it('match the names that they are, or that begin as they do', () => {
    fc.assert(
      fc.property(
        patterns,
        fc.array(
          fc.oneof(
            name,
            name.map((end) => `x${end}`),
          ),
        ),
        (list, names) => {
          const compiled = new SysctlPatterns(list);
          for (const each of names) {
            const plain = list.some((one) =>
              one.endsWith('*') ? each.startsWith(one.slice(0, -1)) : each === one,
            );
            expect(compiled.match(each)).toBe(plain);
          }
        },
      ),
    );
  });

  it('are as JSON what was given, so that equal ones of two policies are one', () => {
    expect(JSON.stringify({ forbidden: new SysctlPatterns(['b', 'a*']) })).toBe('{"forbidden":["b","a*"]}');
  });
});
