import { beforeAll, describe, expect, test } from 'vitest';
import {
  type HeldKey,
  keepIdempotentResult,
  releaseIdempotencyKey,
  takeIdempotencyKey,
} from '../../src/storage/idempotency.js';
import { readOnly, type Tx } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';

let tx: Tx;
beforeAll(async () => {
  tx = readOnly(await testDatabase());
});

const DAY = 86_400_000;
const owned = (key: string) => ({ actor: 'ann', path: '/v1/clusters/a/evaluate', key });

/** What is known of a key that nobody takes. */
async function known(key: string) {
  const taken = await takeIdempotencyKey(tx, owned(key), 'asked', DAY);
  return 'held' in taken ? 'free' : taken.known;
}

/** A key that was free. */
async function take(key: string, remembered = DAY): Promise<HeldKey> {
  const taken = await takeIdempotencyKey(tx, owned(key), key, remembered);
  return 'held' in taken ? taken.held : expect.fail(`${key} is not free`);
}

describe('idempotency keys', () => {
  test('are taken once, tell the first answer, and are free after a failure or a day', async () => {
    const first = await take('k');
    expect(await known('k')).toMatchObject({ requestHash: 'k', result: null, held: first });
    expect(await takeIdempotencyKey(tx, { ...owned('k'), actor: 'bob' }, 'h', DAY)).toHaveProperty('held');
    await keepIdempotentResult(tx, first, '{"allowed":true}');
    expect(await known('k')).toMatchObject({ result: '{"allowed":true}' });
    const later = await take('k', -DAY);
    expect(await known('k')).toMatchObject({ result: null });
    await releaseIdempotencyKey(tx, later);
    expect(await known('k')).toBe('free');
  });

  test('are taken by one of many that come at once', async () => {
    const taken = await Promise.all(
      Array.from({ length: 8 }, () => takeIdempotencyKey(tx, owned('race'), 'h', DAY)),
    );
    expect(taken.filter((each) => 'held' in each)).toHaveLength(1);
  });

  test('are as old as the database says, anew where an answer is kept', async () => {
    const held = await take('old');
    const createdAt = new Date(held.heldSince.getTime() - 60_000);
    await tx.idempotencyKey.updateMany({ where: owned('old'), data: { createdAt } });
    const before = await known('old');
    expect(before).toMatchObject({ held: { heldSince: createdAt } });
    expect(before).toHaveProperty('age', expect.closeTo(60_000, -4));
    const kept = await keepIdempotentResult(tx, { ...held, heldSince: createdAt }, '{}');
    expect(await known('old')).toMatchObject({ held: kept });
    expect(await known('old')).toHaveProperty('age', expect.closeTo(0, -4));
  });
});

describe('a key that another request has by now', () => {
  const lost: readonly [string, (first: HeldKey) => Promise<unknown>][] = [
    ['keeps no answer of the first', (first) => keepIdempotentResult(tx, first, '"first"')],
    ['is not given back by the first', (first) => releaseIdempotencyKey(tx, first)],
  ];
  test.each(lost)('%s', async (name, act) => {
    const now = await take(name);
    const first = { ...now, heldSince: new Date(now.heldSince.getTime() - 60_000) };
    expect(await act(first)).toBeOneOf([null, undefined]);
    expect(await known(name)).toMatchObject({ result: null, held: now });
  });

  test('and one that is nobody’s keep nothing', async () => {
    const gone = { ...owned('gone'), heldSince: new Date() };
    expect(await keepIdempotentResult(tx, gone, '{}')).toBeNull();
    expect(await known('gone')).toBe('free');
  });
});
