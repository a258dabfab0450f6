import { monitorEventLoopDelay } from 'node:perf_hooks';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readObjects } from '../../src/operations/evaluation/read-objects.js';
import { createObjectReader } from '../../src/threads/object-reader.js';
import { createThreadPool } from '../../src/threads/thread-pool.js';
import { podYaml } from '../support/operation-context.js';

const program = resolve(import.meta.dirname, '../../dist/src/threads/reading-thread.js');
const pool = createThreadPool({ program, threads: 1, waiting: 10, longestMs: 20_000, heapMegabytes: 512 });
afterAll(() => pool.close());
const read = createObjectReader(pool);

const pods = (count: number, extra = '') =>
  Array.from({ length: count }, (_, index) => podYaml(`pod-${index}`, extra)).join('---\n');

describe('the reader of objects', () => {
  it.each([
    ['a small body', 3],
    ['a large body', 2_000],
  ])('reads %s as it is read in one piece', async (_, count) => {
    const body = `${pods(count, 'hostPID: true')}---\napiVersion: v1\nkind: Service\nmetadata: { name: x }\n`;
    expect(await read(Buffer.from(body), 'yaml')).toEqual(readObjects(body, 'yaml'));
  });

  it('keeps integers that a number cannot hold', async () => {
    const body = pods(1_000, 'securityContext: { runAsUser: 9007199254740993 }');
    const { pods: found } = await read(body, 'yaml');
    expect(found[999]?.pod.spec?.securityContext?.runAsUser).toBe(9007199254740993n);
  });

  it('lets an aliased part be one object still', async () => {
    const body = `apiVersion: v1\nkind: Pod\nmetadata: { name: x, annotations: { long: ${'x'.repeat(70_000)} } }\nspec:\n  containers:\n    - &main { name: a, image: b }\n    - *main\n`;
    const [pod] = (await read(body, 'yaml')).pods;
    expect(pod?.pod.spec?.containers?.[1]).toBe(pod?.pod.spec?.containers?.[0]);
    expect(pod?.pod).toBe(pod?.submitted);
  });

  it.each([
    ['text that is no YAML', `${pods(1_000)}---\n{`, 'yaml'],
    ['an object that is no pod', `${pods(1_000)}---\nkind: Pod\nspec: 1\n`, 'yaml'],
    ['nothing', ' '.repeat(100_000), 'yaml'],
    ['JSON that breaks off', `[${'{},'.repeat(40_000)}`, 'json'],
  ] as const)('refuses %s with the same problems', async (_, body, format) => {
    const known: unknown = await (async () => readObjects(body, format))().catch((error: unknown) => error);
    await expect(read(body, format)).rejects.toEqual(known);
  });

  it('leaves the event loop free while it reads the largest bodies', async () => {
    const body = Buffer.from(pods(3_000, `hostname: ${'x'.repeat(800)}`)).subarray(0, 3 * 1024 * 1024);
    await read(body, 'yaml').catch(() => undefined);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await read(Buffer.from(pods(3_000)), 'yaml');
    delay.disable();
    // 50 ms is what a request may take; twice that leaves room for a busy machine. In one piece it takes a second.
    expect(delay.max / 1e6).toBeLessThan(100);
  });
});
