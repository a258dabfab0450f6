import { type PolicySource, SAFE_SYSCTLS } from '../../../engine/index.js';
import { type Aspect, SILENT, specField } from '../aspect.js';

/**
 * Sysctls: names and prefixes cut all names into finitely many classes that no policy tells apart within: each exact
 * name, each safe name, and for each prefix a name that has it and no longer one.
 */
export const sysctls: Aspect = {
  fields: [
    specField('forbiddenSysctls', 'forbiddenSysctls'),
    specField('allowedUnsafeSysctls', 'allowedUnsafeSysctls'),
  ],
  points(before, after) {
    const patterns = [...new Set([...patternsOf(after), ...patternsOf(before)])];
    const prefixes = patterns.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1));
    const fresh = freshNames(['kernel.', '', ...prefixes], patterns);
    const names = new Set([...patterns.filter((one) => !one.endsWith('*')), ...fresh, ...SAFE_SYSCTLS]);
    return [SILENT, ...[...names].map((name) => ({ podContext: { sysctls: [{ name, value: '1' }] } }))];
  },
};

function patternsOf({ spec }: PolicySource): readonly string[] {
  return [...(spec.allowedUnsafeSysctls ?? []), ...(spec.forbiddenSysctls ?? [])];
}

/** For each prefix a name that begins with it and, from there on, goes a way that no pattern goes. */
function freshNames(prefixes: readonly string[], patterns: readonly string[]): readonly string[] {
  const known = new Set(prefixes);
  const taken = new Set<string>();
  for (const pattern of patterns) {
    for (let length = 0; length < pattern.length; length++) {
      if (known.has(pattern.slice(0, length))) taken.add(pattern.slice(0, length + 1));
    }
  }
  // Patterns have no capital letters, so that one is always free.
  const characters = 'xabcdefghijklmnopqrstuvwyz0123456789'.split('');
  return prefixes.map((prefix) => prefix + (characters.find((one) => !taken.has(prefix + one)) ?? 'X'));
}
