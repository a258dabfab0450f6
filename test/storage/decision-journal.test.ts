import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_CLUSTER_SETTINGS } from '../../src/model/cluster.js';
import type { NewDecision } from '../../src/model/decision.js';
import { type DecisionJournal, openDecisionJournal } from '../../src/storage/decision-journal.js';
import { newDecision } from '../support/records.js';

const cluster = {
  ...DEFAULT_CLUSTER_SETTINGS,
  id: '01930000-0000-7000-8000-000000000000',
  name: 'prod',
  generation: 2n ** 60n,
  createdAt: new Date(),
  updatedAt: new Date(),
};

let folder: string;
const onDamage = vi.fn();
const open = (limit = 1_000_000) => openDecisionJournal({ folder, limit, onDamage });

beforeEach(() => {
  onDamage.mockReset();
  folder = mkdtempSync(join(tmpdir(), 'podgate-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function moved(journal = open()): Promise<readonly NewDecision[]> {
  const all: NewDecision[] = [];
  await journal.move(async (decisions) => {
    all.push(...decisions);
    return 0;
  });
  return all;
}

describe('the journal', () => {
  test('gives back what an earlier process has kept, exactly and once', async () => {
    const decisions = Array.from({ length: 450 }, () => newDecision(cluster));
    const first = open();
    await Promise.all(decisions.map((decision) => first.append(decision)));
    await first.close();
    const second = open();
    expect(second.hasDecisions()).toBe(true);
    expect(await moved(second)).toEqual(decisions);
    expect(second.hasDecisions()).toBe(false);
    expect(await moved()).toEqual([]);
  });

  test('ends in the middle when it is told to stop, and hands the file out again', async () => {
    const decisions = Array.from({ length: 450 }, () => newDecision(cluster));
    const journal = open();
    await Promise.all(decisions.map((decision) => journal.append(decision)));
    const stopping = new AbortController();
    let taken = 0;
    const record = async (part: readonly NewDecision[]) => {
      taken += part.length;
      stopping.abort();
      return 0;
    };
    await journal.move(record, stopping.signal);
    expect(taken).toBe(200);
    expect(await moved(journal)).toEqual(decisions);
  });

  test('keeps everything while it can not be recorded', async () => {
    const journal = open();
    await journal.append(newDecision(cluster));
    await expect(journal.move(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    await journal.append(newDecision(cluster));
    expect(await moved(journal)).toHaveLength(2);
  });

  test('takes no more than its limit, and tells so', async () => {
    const journal = open(1_500);
    await journal.append(newDecision(cluster));
    await expect(journal.append(newDecision(cluster))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await moved(journal)).toHaveLength(1);
  });

  test('overlooks a last line that was cut off: nobody was told of it', async () => {
    const journal = open();
    await journal.append(newDecision(cluster));
    await journal.close();
    appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), '00000000 {"id":');
    expect(await moved()).toHaveLength(1);
    expect(onDamage).not.toHaveBeenCalled();
  });

  test('keeps a file aside in which a line was altered, and moves the others', async () => {
    const journal = open();
    await journal.append(newDecision(cluster));
    await journal.append(newDecision(cluster));
    await journal.close();
    const file = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"allowed":false', '"allowed":true'));
    expect(await moved()).toHaveLength(1);
    expect(onDamage).toHaveBeenCalledExactlyOnceWith(`${file}.damaged`, 1);
  });

  test('keeps a file aside in which a decision can never be recorded', async () => {
    const journal = open();
    await journal.append(newDecision(cluster));
    await journal.close();
    const file = join(folder, readdirSync(folder)[0] ?? '');
    await journal.move(async () => 1);
    expect(onDamage).toHaveBeenCalledExactlyOnceWith(`${file}.damaged`, 1);
    expect(journal.hasDecisions()).toBe(false);
  });

  const again = (journal: DecisionJournal) => journal;
  const anew = async (journal: DecisionJournal) => {
    await journal.close();
    return open();
  };
  /** As earlier versions did, which began at 1 again. */
  const underTheSameNumber = async (journal: DecisionJournal) => {
    await journal.close();
    writeFileSync(join(folder, '0000000001.journal'), 'damaged\n');
    return open();
  };
  test.each([
    ['that comes after it', again],
    ['of the next process', anew],
    ['that has its number', underTheSameNumber],
  ])('never overwrites a file kept aside with one %s', async (_, next) => {
    const kept = newDecision(cluster);
    const journal = open();
    await journal.append(kept);
    await journal.move(async () => 1);
    const later = await next(journal);
    await later.append(newDecision(cluster));
    await later.move(async (decisions) => decisions.length);
    const aside = onDamage.mock.calls.map(([file]) => readFileSync(String(file), 'utf8'));
    expect(aside.filter((text) => text.includes(kept.id))).toHaveLength(1);
    expect(readdirSync(folder)).toHaveLength(onDamage.mock.calls.length);
  });
});
