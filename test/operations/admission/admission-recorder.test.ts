import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_CLUSTER_SETTINGS } from '../../../src/model/cluster.js';
import { PodgateError } from '../../../src/model/errors.js';
import { createAdmissionRecorder } from '../../../src/operations/admission/admission-recorder.js';
import { type Deadline, deadlineIn, within } from '../../../src/operations/admission/deadline.js';
import { createOutage } from '../../../src/operations/admission/outage.js';
import { newDecision } from '../../support/records.js';

const decision = newDecision({
  ...DEFAULT_CLUSTER_SETTINGS,
  id: '01930000-0000-7000-8000-000000000000',
  name: 'prod',
  generation: 1n,
  createdAt: new Date(),
  updatedAt: new Date(),
});
const PATIENCE_MS = 1_500;
const never = () => new Promise<never>(() => undefined);
const now = () => performance.now();

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Records with a database and a disk that do what is given, and tells what came of it after how many milliseconds. */
async function recorded(
  timeout: number,
  append: () => Promise<{ readonly recorded: true }>,
  keep: () => Promise<void>,
  outage = createOutage(PATIENCE_MS),
) {
  const recorder = createAdmissionRecorder({
    services: { decisionLog: { append } },
    // It is asked only whether it is ready, when decisions are moved.
    database: {} as never,
    journal: {
      append: keep,
      hasDecisions: () => false,
      move: async () => undefined,
      close: async () => undefined,
    },
    outage,
  });
  const began = now();
  const outcome = recorder.record(decision, deadlineIn(timeout, now)).then((result) => {
    return { result, after: now() - began };
  });
  await vi.advanceTimersByTimeAsync(60_000);
  return { ...(await outcome), isAway: outage.isAway() };
}

const away = () => Promise.reject(new PodgateError('UNAVAILABLE', 'away'));
const done = async () => ({ recorded: true }) as const;
const kept = async () => undefined;

describe('a decision', () => {
  test.each([
    ['is recorded at once where the database does', 10_000, done, never, 'RECORDED', 0, false],
    ['goes to disk at once where the database is away', 10_000, away, kept, 'KEPT', 0, true],
    ['goes to disk after its patience with a database that hangs', 10_000, never, kept, 'KEPT', 1_500, true],
    [
      'goes to disk after half of a short time, which says nothing of the database',
      1_000,
      never,
      kept,
      'KEPT',
      500,
      false,
    ],
    [
      'is lost after four fifths of the time where the disk hangs too',
      1_000,
      never,
      never,
      'LOST',
      800,
      false,
    ],
    ['is lost after four fifths of a long time too', 30_000, away, never, 'LOST', 24_000, true],
    ['is lost at once where neither takes it', 10_000, away, away, 'LOST', 0, true],
  ] as const)('%s', async (_, timeout, append, keep, result, after, isAway) => {
    const outcome = await recorded(timeout, append, keep);
    expect(outcome).toMatchObject({ result, isAway });
    expect(outcome.after).toBeCloseTo(after, -1);
  });

  test('does not wait for a database that is known to be away', async () => {
    const outage = createOutage(PATIENCE_MS);
    await recorded(10_000, never, kept, outage);
    expect((await recorded(10_000, never, kept, outage)).after).toBe(0);
    outage.end();
    expect((await recorded(10_000, never, kept, outage)).after).toBe(PATIENCE_MS);
  });
});

test('without time left nothing is begun', async () => {
  const work = vi.fn(never);
  await expect(within(0, 'disk', work)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(work).not.toHaveBeenCalled();
});

test('a request that is judged again and again has its time only once', async () => {
  const deadline: Deadline = deadlineIn(1_000, now);
  await vi.advanceTimersByTimeAsync(300);
  expect(deadline.forDatabase()).toBe(200);
  await vi.advanceTimersByTimeAsync(600);
  expect(deadline.forDatabase()).toBe(-400);
  expect(deadline.forDisk()).toBe(-100);
});
