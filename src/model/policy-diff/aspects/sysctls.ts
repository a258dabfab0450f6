import { SAFE_SYSCTLS } from '../../../engine/index.js';
import { type Aspect, SILENT, specField } from '../aspect.js';

/**
 * Sysctls: names and prefixes cut all names into finitely many classes that no policy tells apart within: each exact
 * name, each safe name, and for each prefix a name that has it and no longer one. Of those that the four lists treat
 * alike the first is enough.
 */
export const sysctls: Aspect = {
  fields: [
    specField('forbiddenSysctls', 'forbiddenSysctls'),
    specField('allowedUnsafeSysctls', 'allowedUnsafeSysctls'),
  ],
  points(before, after) {
    const lists = [after, before].flatMap(({ spec }) => [spec.allowedUnsafeSysctls, spec.forbiddenSysctls]);
    const patterns = [...new Set(lists.flatMap((list) => list ?? []))];
    const prefixes = patterns.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1));
    const exact = patterns.filter((one) => !one.endsWith('*'));
    const names = [...exact, ...freshNames(['kernel.', '', ...prefixes], patterns), ...SAFE_SYSCTLS];
    const matchers = [
      ...lists.map((list) => matcherOf(list ?? [])),
      (name: string) => SAFE_SYSCTLS.has(name),
    ];
    const first = new Map<string, string>();
    for (const name of names) {
      const treatment = matchers.map((matches) => matches(name)).join();
      if (!first.has(treatment)) first.set(treatment, name);
    }
    return [
      SILENT,
      ...[...first.values()].map((name) => ({ podContext: { sysctls: [{ name, value: '1' }] } })),
    ];
  },
};

/** Whether a name is one of the patterns' names or has one of their prefixes, without going through all of them. */
function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const known = new Set(patterns);
  const lengths = new Set(patterns.filter((one) => one.endsWith('*')).map((one) => one.length - 1));
  return (name) =>
    known.has(name) ||
    [...lengths].some((length) => length <= name.length && known.has(`${name.slice(0, length)}*`));
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
