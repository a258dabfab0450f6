import { Turns } from '../model/turns.js';

/** Lists with no more items are completed in one piece. */
const SHORT = 20;

/**
 * Cuts the completion of a request's long lists into turns of the event loop, between which other requests are served:
 * GraphQL completes a list in one piece, but waits for those of its items that are promises.
 */
export class ListTurns {
  readonly #turns = new Turns();
  #last: Promise<void> = Promise.resolve();

  /** The items; of a long list each comes in its turn. All lists of the request queue up for the same turns. */
  of<T>(items: readonly T[]): readonly (T | Promise<T>)[] {
    if (items.length <= SHORT) return items;
    return items.map((item) => {
      this.#last = this.#last.then(() => (this.#turns.isOver() ? this.#turns.giveWay() : undefined));
      return this.#last.then(() => item);
    });
  }
}
