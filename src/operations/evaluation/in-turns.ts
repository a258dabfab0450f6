import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work after which other requests get their turn. */
const TURN = 10;

/** As `items.map(work)`, giving way to other requests every few milliseconds. */
export async function mapInTurns<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => R,
): Promise<readonly R[]> {
  const results: R[] = [];
  let turnEnds = performance.now() + TURN;
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    if (performance.now() > turnEnds) {
      await setImmediate();
      turnEnds = performance.now() + TURN;
    }
  }
  return results;
}
