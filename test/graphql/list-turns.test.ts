import { describe, expect, it } from 'vitest';
import { ListTurns } from '../../src/graphql/list-turns.js';

/** Keeps the event loop busy for so many milliseconds. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('the items of a list', () => {
  it('are given as they are where they are few', () => {
    const few = Array.from({ length: 20 }, (_, index) => index);
    expect(new ListTurns().of(few)).toBe(few);
  });

  it('come in their order where they are many, with turns of others in between', async () => {
    const turns = new ListTurns();
    const lists = [0, 1000].map((from) => Array.from({ length: 50 }, (_, index) => from + index));
    let others = 0;
    const served = setInterval(() => (others += 1), 1);
    const come: number[] = [];
    const completed = lists.map((list) =>
      Promise.all(
        turns.of(list).map(async (item) => {
          const value = await item;
          work(1);
          come.push(value);
          return value;
        }),
      ),
    );
    expect(await Promise.all(completed)).toEqual(lists);
    clearInterval(served);
    expect(come).toEqual(lists.flat());
    expect(others).toBeGreaterThan(10);
  });
});
