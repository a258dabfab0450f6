import { setImmediate } from 'node:timers/promises';

/**
 * Milliseconds of work after which other requests get their turn. A small request takes several turns of the event
 * loop, and waits this long at each of them while a large one is worked on.
 */
const TURN = 3;

/** Cuts long work into turns, between which other requests are served. */
export class Turns {
  #end = performance.now() + TURN;

  /** Whether it is the others' turn. */
  isOver(): boolean {
    return performance.now() > this.#end;
  }

  /** Lets the others have their turn; resolves when it is over. */
  async giveWay(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + TURN;
  }
}

/** As `items.map(work)`, giving way to other requests every few milliseconds. */
export async function mapInTurns<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => R,
): Promise<readonly R[]> {
  const results: R[] = [];
  const turns = new Turns();
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    if (turns.isOver()) await turns.giveWay();
  }
  return results;
}

/**
 * Puts small pieces of text together to larger ones of some 64 Ki characters, giving way to other requests every few
 * milliseconds. They are made when they are asked for, so that a slow reader slows the making down.
 */
export async function* textInTurns(pieces: Iterable<string>): AsyncGenerator<string> {
  const turns = new Turns();
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length >= PART) {
      yield text;
      text = '';
    }
    if (turns.isOver()) await turns.giveWay();
  }
  if (text !== '') yield text;
}

const PART = 64 * 1024;
