import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { repeat } from '../../src/jobs/repeat.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('repeat', () => {
  it('runs a job again and again, counted from the end of the last run', async () => {
    let runs = 0;
    const stop = repeat([{ name: 'count', everySeconds: 10, run: async () => void (runs += 1) }], () => {});
    await vi.advanceTimersByTimeAsync(9_999);
    expect(runs).toBe(0);
    await vi.advanceTimersByTimeAsync(20_001);
    expect(runs).toBe(3);
    await stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs).toBe(3);
  });

  it('tells of a failure and goes on', async () => {
    const failures: unknown[] = [];
    const job = { name: 'fails', everySeconds: 1, run: () => Promise.reject(new Error('no')) };
    const stop = repeat([job], (failed, error) => failures.push([failed.name, String(error)]));
    await vi.advanceTimersByTimeAsync(2_500);
    expect(failures).toEqual([
      ['fails', 'Error: no'],
      ['fails', 'Error: no'],
    ]);
    await stop();
  });

  it('waits at the stop for what is running', async () => {
    let finish = () => {};
    const run = () => new Promise<void>((resolve) => void (finish = resolve));
    const stop = repeat([{ name: 'slow', everySeconds: 1, run }], () => {});
    await vi.advanceTimersByTimeAsync(1_000);
    let stopped = false;
    const stopping = stop().then(() => void (stopped = true));
    await vi.advanceTimersByTimeAsync(10);
    expect(stopped).toBe(false);
    finish();
    await stopping;
    expect(stopped).toBe(true);
  });

  it('tells what is running to stop', async () => {
    let steps = 0;
    const run = async (stop: AbortSignal) => {
      for (; !stop.aborted; steps += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const stop = repeat([{ name: 'long', everySeconds: 1, run }], () => {});
    await vi.advanceTimersByTimeAsync(1_450);
    expect(steps).toBe(4);
    const stopping = stop();
    await vi.advanceTimersByTimeAsync(10_000);
    await stopping;
    expect(steps).toBe(5);
  });
});
