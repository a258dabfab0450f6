import { beforeEach, expect, test, vi } from 'vitest';
import { PodgateError } from '../../../src/model/errors.js';
import { deadlineIn } from '../../../src/operations/admission/deadline.js';
import { createMutateMemory } from '../../../src/operations/admission/mutate-memory.js';
import { createMutateTies, type MutateTies } from '../../../src/operations/admission/mutate-ties.js';
import { createOutage } from '../../../src/operations/admission/outage.js';
import type { Database } from '../../../src/storage/database.js';

const key = Buffer.from('a pod of a requester');
const now = () => performance.now();
const deadline = deadlineIn(10_000, now);
/** The database's answer to what is asked. */
const query = vi.fn();
let ties: MutateTies;

beforeEach(() => {
  query.mockReset().mockResolvedValue({ rows: [] });
  const database = { pool: { query } } as unknown as Database; // nothing else of it is used
  ties = createMutateTies(database, createOutage(1_500), createMutateMemory(now));
});

test('what was mutated here is found without asking the database, the oldest first', async () => {
  ties.note(key, 'one', true);
  ties.note(key, 'two', true);
  expect(await ties.take(key, deadline)).toEqual({ decisionId: 'one', isOpen: true });
  expect(await ties.take(key, deadline)).toEqual({ decisionId: 'two', isOpen: true });
  expect(query).not.toHaveBeenCalled();
});

test('what is only on disk has no note in the database that is to be taken', async () => {
  ties.note(key, 'one', false);
  expect(await ties.take(key, deadline)).toEqual({ decisionId: 'one', isOpen: false });
});

test('what was mutated elsewhere is found in the database, and taken with that', async () => {
  query.mockResolvedValue({ rows: [{ decision_id: 'elsewhere' }] });
  expect(await ties.take(key, deadline)).toEqual({ decisionId: 'elsewhere', isOpen: false });
});

test('what is found nowhere is null, also while the database is away', async () => {
  expect(await ties.take(key, deadline)).toBe(null);
  query.mockRejectedValue(new PodgateError('UNAVAILABLE', 'away'));
  expect(await ties.take(key, deadline)).toBe(null);
  expect(await ties.peek(key, deadline)).toBe(null);
});
