import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunPolicyTask } from '../../src/operations/policies/policy-tasks.js';
import { createPolicyWorker, runTask } from '../../src/threads/policy-worker.js';
import { createThreadPool } from '../../src/threads/thread-pool.js';
import { policyYaml } from '../support/operation-context.js';

const program = resolve(import.meta.dirname, '../../dist/src/threads/policy-thread.js');
const pool = createThreadPool({ program, threads: 1, waiting: 10, longestMs: 20_000, heapMegabytes: 512 });
afterAll(() => pool.close());
const worker = createPolicyWorker(pool);
const here: RunPolicyTask = async (name, ...input) => runTask(name, input);

const ranges = (count: number, width: number) =>
  Array.from({ length: count }, (_, index) => `{min: ${index * 10}, max: ${index * 10 + width}}`).join(', ');
const policy = (name: string, count: number, width = 5) =>
  policyYaml(name, `runAsUser: {rule: MustRunAs, ranges: [${ranges(count, width)}]}`);
const contentOf = (name: string, count: number, width?: number) =>
  runTask('read', [policy(name, count, width), 'yaml', null]).content;

/** The longest policy that is taken. */
const MOST_RANGES = 8_500;

describe.each([
  ['of short texts', 3],
  ['of long texts', 1_000],
])('what is asked of policies, %s', (_, count) => {
  const everybody = { subjects: null, namespaces: null };

  it.each<readonly [string, (run: RunPolicyTask) => Promise<unknown>]>([
    ['reads', (run) => run('read', policy('p', count), 'yaml', 'p')],
    ['refuses with every problem', (run) => run('read', policy('p', count, -1), 'yaml', 'other')],
    ['refuses what cannot be read', (run) => run('read', `${policy('p', count)}}`, 'yaml', null)],
    ['warns', (run) => run('lint', contentOf('p', count, 15))],
    [
      'warns beside others',
      (run) => {
        const [own, other] = ['a', 'b'].map((name) => ({ content: contentOf(name, count), ...everybody }));
        if (own === undefined || other === undefined) throw new Error('there are two');
        return run('lintBeside', own, [other, { ...other, namespaces: ['x'] }]);
      },
    ],
    ['compares', (run) => run('diff', contentOf('p', count), contentOf('p', count, 4))],
  ])('%s as it is done in one piece', async (_name, ask) => {
    const outcome = (run: RunPolicyTask) =>
      ask(run).then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
    expect(await outcome(worker)).toEqual(await outcome(here));
  });
});

describe('the event loop', () => {
  it.each<readonly [string, () => Promise<unknown>]>([
    ['is read', () => worker('read', policy('p', MOST_RANGES), 'yaml', 'p')],
    ['is compared', () => worker('diff', contentOf('p', MOST_RANGES), contentOf('p', MOST_RANGES, 4))],
  ])('turns on while the longest policy %s', async (_, ask) => {
    let turns = 0;
    const done = new AbortController();
    const asked = ask().finally(() => done.abort());
    while (!done.signal.aborted) {
      await setImmediate();
      turns += 1;
    }
    await asked;
    // In one piece it would turn once or twice.
    expect(turns).toBeGreaterThan(20);
  });
});
