/** The last item of those at the beginning of a list that something holds for, where it holds for none after them. */
export function lastOf<Item>(list: readonly Item[], holds: (item: Item) => boolean): Item | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}
