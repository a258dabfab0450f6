import { countAtStart, FEW_TO_SORT } from './binary-search.js';

/** A long list of patterns, sorted. */
interface Sorted {
  readonly names: ReadonlySet<string>;
  /** In ascending order, without those that begin with another one. */
  readonly prefixes: readonly string[];
}

/** Names of sysctls, or prefixes ending in `*`. Most lists are short; a long one is sorted when it is first asked. */
export class SysctlPatterns {
  readonly patterns: readonly string[];
  #sorted: Sorted | null = null;

  constructor(patterns: readonly string[]) {
    this.patterns = patterns;
  }

  /** Whether one of the patterns is the name, or its beginning. */
  match(name: string): boolean {
    if (this.patterns.length > FEW_TO_SORT) return this.#matchesSorted(name);
    return this.patterns.some((pattern) =>
      isPrefix(pattern) ? name.startsWith(prefixOf(pattern)) : name === pattern,
    );
  }

  #matchesSorted(name: string): boolean {
    this.#sorted ??= sorted(this.patterns);
    const { names, prefixes } = this.#sorted;
    if (names.has(name)) return true;
    // What stands between a prefix and a name that begins with it begins with it, too, so it would have been left out.
    const prefix = prefixes[countAtStart(prefixes, (each) => each <= name) - 1];
    return prefix !== undefined && name.startsWith(prefix);
  }

  /** The patterns as they were given: that is what makes two lists equal. */
  toJSON(): readonly string[] {
    return this.patterns;
  }
}

function sorted(patterns: readonly string[]): Sorted {
  const prefixes: string[] = [];
  for (const prefix of patterns.filter(isPrefix).map(prefixOf).sort()) {
    const last = prefixes.at(-1);
    if (last === undefined || !prefix.startsWith(last)) prefixes.push(prefix);
  }
  return { names: new Set(patterns.filter((pattern) => !isPrefix(pattern))), prefixes };
}

function isPrefix(pattern: string): boolean {
  return pattern.endsWith('*');
}

function prefixOf(pattern: string): string {
  return pattern.slice(0, -1);
}
