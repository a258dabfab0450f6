import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createThreadPool, type ThreadPoolOptions } from '../../src/threads/thread-pool.js';

const folder = await mkdtemp(join(tmpdir(), 'podgate-threads-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const program = join(folder, 'thread.mjs');
await writeFile(
  program,
  `import { parentPort, threadId } from 'node:worker_threads';
  parentPort.on('message', async (message) => {
    if (message === 'loop') for (;;);
    if (message === 'eat') for (const all = []; ; ) all.push(new Array(100_000).fill(all.length));
    if (message === 'throw') throw new Error('broken');
    if (message === 'wait') await new Promise((resolve) => setTimeout(resolve, 100));
    parentPort.postMessage({ message, threadId });
  });`,
);

function pool(changed: Partial<ThreadPoolOptions> = {}) {
  const options = { program, threads: 1, waiting: 10, longestMs: 10_000, heapMegabytes: 64, ...changed };
  const made = createThreadPool(options);
  onTestFinished(() => made.close());
  return made;
}

describe('a thread pool', () => {
  it('answers one message after the other from the same thread', async () => {
    const threads = pool();
    const answers = await Promise.all(['a', 'b', 'c'].map((message) => threads.run(message)));
    expect(answers).toMatchObject([{ message: 'a' }, { message: 'b' }, { message: 'c' }]);
    expect(new Set(answers.map((answer) => (answer as { threadId: number }).threadId)).size).toBe(1);
  });

  it('works with as many threads as it may', async () => {
    const threads = pool({ threads: 2 });
    const answers = await Promise.all(['wait', 'wait', 'wait'].map((message) => threads.run(message)));
    expect(new Set(answers.map((answer) => (answer as { threadId: number }).threadId)).size).toBe(2);
  });

  it('refuses what is beyond its queue, and works on', async () => {
    const threads = pool({ waiting: 1 });
    const [first, second, third] = ['wait', 'b', 'c'].map((message) => threads.run(message));
    await expect(third).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfterSeconds: 1 });
    expect(await Promise.all([first, second])).toMatchObject([{ message: 'wait' }, { message: 'b' }]);
  });

  it.each([
    ['takes too long', 'loop', { code: 'TOO_LARGE' }],
    ['takes too much memory', 'eat', { code: 'TOO_LARGE' }],
    ['fails', 'throw', { message: 'broken' }],
  ])('gives up work that %s, and goes on with a new thread', async (_, message, error) => {
    const threads = pool(message === 'loop' ? { longestMs: 300 } : {});
    const hopeless = threads.run(message);
    const after = threads.run('after');
    await expect(hopeless).rejects.toMatchObject(error);
    expect(await after).toMatchObject({ message: 'after' });
  });

  it('refuses everything once it is closed', async () => {
    const threads = pool();
    const under = [threads.run('loop'), threads.run('b')];
    const refused = Promise.allSettled(under);
    await threads.close();
    for (const { status, ...rest } of await refused) {
      expect([status, rest]).toMatchObject(['rejected', { reason: { code: 'UNAVAILABLE' } }]);
    }
    await expect(threads.run('c')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
