/** The name itself, or with a number behind it, so that it is none of those taken. */
export function nameBeside(name: string, taken: ReadonlySet<string>): string {
  let fresh = name;
  for (let number = 2; taken.has(fresh); number++) fresh = `${name}-${number}`;
  return fresh;
}

/**
 * Names that show where two lists differ: the first of each that the other lacks, the first that both have, the first
 * of each at all.
 */
export function tellingNames(left: readonly string[], right: readonly string[]): readonly string[] {
  const inLeft = new Set(left);
  const inRight = new Set(right);
  const telling = [
    right.find((name) => !inLeft.has(name)),
    left.find((name) => !inRight.has(name)),
    left.find((name) => inRight.has(name)),
    left[0],
    right[0],
  ];
  return [...new Set(telling.filter((name) => name !== undefined))];
}
