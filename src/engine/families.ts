/** Several demands with what they have in common: a pod that meets that meets each of them. */
export interface Family<Part> {
  /** A demand like the others; `null`: nothing, each has to be asked. */
  readonly common: unknown;
  readonly parts: readonly Part[];
}

/** Fewer are asked sooner one by one. */
const MANY = 8;

/** How many families a demand is offered to, so that a thousand that have nothing in common are sorted fast, too. */
const OPEN = 8;

/**
 * Sorts the distinct demands of one control into families, so that a pod that asks for nothing special is held against
 * few of them. `common` tells what two demands have in common, `null`: nothing. What has no family comes last.
 */
export function findFamilies<Part extends { readonly part: unknown }>(
  parts: readonly Part[],
  common: (one: unknown, other: unknown) => unknown,
): readonly Family<Part>[] {
  if (parts.length < MANY) return [{ common: null, parts }];
  const open: { common: unknown; parts: Part[] }[] = [];
  const alone: Part[] = [];
  for (const part of parts) {
    if (joinsOne(open, part, common)) continue;
    open.push({ common: part.part, parts: [part] });
    if (open.length <= OPEN) continue;
    // Who has waited longest for a second member gives up; with nobody waiting that is the newcomer.
    const [given] = open.splice(
      open.findIndex((family) => family.parts.length === 1),
      1,
    );
    alone.push(...(given?.parts ?? []));
  }
  for (const { parts: single } of open.filter((family) => family.parts.length === 1)) alone.push(...single);
  const families = open.filter((family) => family.parts.length > 1);
  return alone.length === 0 ? families : [...families, { common: null, parts: alone }];
}

function joinsOne<Part extends { readonly part: unknown }>(
  families: readonly { common: unknown; parts: Part[] }[],
  part: Part,
  common: (one: unknown, other: unknown) => unknown,
): boolean {
  for (const family of families) {
    const shared = common(family.common, part.part);
    if (shared === null) continue;
    family.common = shared;
    family.parts.push(part);
    return true;
  }
  return false;
}

/** Items of long lists that are compared: what they have in common beyond them makes no family, but costs a square. */
const COMPARED = 100;

/**
 * What two lists have in common, of very long ones at least at their beginnings; `null`: nothing. For allow-lists that is
 * what both allow.
 */
export function inBoth<Item>(
  one: readonly Item[],
  other: readonly Item[],
  isSame: (a: Item, b: Item) => boolean = (a, b) => a === b,
): readonly Item[] | null {
  const others = other.slice(0, COMPARED);
  const items = one.slice(0, COMPARED).filter((item) => others.some((each) => isSame(item, each)));
  return items.length === 0 ? null : items;
}
