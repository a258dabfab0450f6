import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/model/principal.js';
import {
  createVerifyInTurn,
  MOST_WAITING_VERIFICATIONS,
} from '../../../src/operations/decisions/verify-in-turn.js';

const by = (tokenId: string | null, actor = 'token:x'): Principal => ({
  tokenId,
  actor,
  role: 'VIEWER',
  clusters: null,
});

/** Work that goes on until it is told to end. */
function work() {
  let end: (error?: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const state = { begun: false };
  const run = async () => {
    state.begun = true;
    await ended;
    return 'verified';
  };
  return { run, end, state };
}

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

describe('verifications', () => {
  it('with the same token wait for each other, also where one fails', async () => {
    const inTurn = createVerifyInTurn();
    const works = [work(), work(), work()];
    const runs = works.map(({ run }) => inTurn(by('a'), run));
    const begun = async () => {
      await turnOfTheLoop();
      return works.map(({ state }) => state.begun);
    };
    expect(await begun()).toEqual([true, false, false]);
    works[0]?.end(new Error('failed'));
    await expect(runs[0]).rejects.toThrow('failed');
    expect(await begun()).toEqual([true, true, false]);
    works[1]?.end();
    expect(await runs[1]).toBe('verified');
    expect(await begun()).toEqual([true, true, true]);
    works[2]?.end();
    expect(await runs[2]).toBe('verified');
  });

  it('with different tokens and of different subjects run at the same time', async () => {
    const inTurn = createVerifyInTurn();
    const works = [by('a'), by('b'), by(null, 'admin'), by(null, 'oidc:c')].map((principal) => {
      const each = work();
      return { ...each, done: inTurn(principal, each.run) };
    });
    await turnOfTheLoop();
    expect(works.map(({ state }) => state.begun)).toEqual([true, true, true, true]);
    for (const { end } of works) end();
    await Promise.all(works.map(({ done }) => done));
  });

  it('are refused where too many wait, until the line is shorter', async () => {
    const inTurn = createVerifyInTurn();
    const works = Array.from({ length: MOST_WAITING_VERIFICATIONS + 1 }, work);
    const runs = works.map(({ run }) => inTurn(by('a'), run));
    await expect(inTurn(by('a'), work().run)).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      retryAfterSeconds: 5,
    });
    works[0]?.end();
    await runs[0];
    const last = work();
    const lastRun = inTurn(by('a'), last.run);
    for (const { end } of [...works, last]) end();
    expect(await lastRun).toBe('verified');
    await Promise.all(runs);
  });
});
