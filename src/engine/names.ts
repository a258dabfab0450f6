import { inBoth } from './families.js';

/** Lists up to so long are looked through in less time than a set of them is made. */
const FEW = 16;

const NONE: readonly string[] = [];

/** Names that a policy allows. Most lists are short; a set is made of a long one when it is first asked. */
export class AllowedNames {
  readonly names: readonly string[];
  #known: ReadonlySet<string> | null = null;

  constructor(names: readonly string[]) {
    this.names = names;
  }

  has(name: string): boolean {
    if (this.names.length <= FEW) return isIn(this.names, name);
    this.#known ??= new Set(this.names);
    return this.#known.has(name);
  }

  /** The names: that is what makes two of them equal. */
  toJSON(): readonly string[] {
    return this.names;
  }
}

/** What both allow, as `inBoth` has it. */
export function allowedByBoth(one: AllowedNames, other: AllowedNames): AllowedNames | null {
  const names = inBoth(one.names, other.names);
  return names === null ? null : new AllowedNames(names);
}

/** Names once each, in the order in which they come first. */
export class DistinctNames {
  readonly list: string[] = [];
  private known: Set<string> | null = null;

  add(name: string): void {
    if (this.known === null ? isIn(this.list, name) : this.known.has(name)) return;
    this.list.push(name);
    if (this.known !== null) this.known.add(name);
    else if (this.list.length > FEW) this.known = new Set(this.list);
  }
}

/** Whether each of some names is in one of two lists. */
export function eachIn(
  names: readonly string[],
  list: readonly string[],
  more: readonly string[] = NONE,
): boolean {
  if (names.length > FEW && list.length + more.length > FEW) {
    const known = new Set(list.concat(more));
    return names.every((name) => known.has(name));
  }
  for (const name of names) {
    if (!isIn(list, name) && !isIn(more, name)) return false;
  }
  return true;
}

/** The names that are not in a list, in their order. */
export function without(names: readonly string[], list: readonly string[]): readonly string[] {
  if (list.length === 0) return names;
  if (names.length <= FEW || list.length <= FEW) return names.filter((name) => !isIn(list, name));
  const known = new Set(list);
  return names.filter((name) => !known.has(name));
}

/** `includes`, which for lists as short as most takes longer to call than to do. */
function isIn(list: readonly string[], wanted: string): boolean {
  for (let i = 0; i < list.length; i++) {
    if (list[i] === wanted) return true;
  }
  return false;
}
