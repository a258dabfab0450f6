/** Lists up to so long are looked through in less time than they are sorted. */
export const FEW_TO_SORT = 16;

/** How many items at the beginning of a list something holds for, where it holds for none after them. */
export function countAtStart<Item>(list: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
