import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileRequest, type HostileRequest } from './hostile-requests.js';
import { dataFolder, serve } from './served.js';

const TOKEN = 'a-token-of-the-fuzz-test-0123456789abcdef';
/** Requests of one run; by hand once and again 100000. */
const REQUESTS = Number(process.env['PODGATE_FUZZ_REQUESTS'] ?? 1_000);
/** Requests in flight at a time. */
const AT_A_TIME = 20;
/** Failures that were found once, by their seeds, and the seed of the ordinary run. */
const SEEDS: readonly number[] = [20_261_124];
/** What the heap may have grown by after a collection, in bytes: caches that are bounded, and nothing that isn't. */
const MOST_GROWTH = 150 * 1024 * 1024;

async function send(base: string, { method, path, headers, body }: HostileRequest): Promise<number> {
  const init = { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers } };
  const response = await fetch(base + path, body === null ? init : { ...init, body });
  await response.arrayBuffer();
  return response.status;
}

/** Resident memory of a process in bytes, as Linux tells it. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

describe('the server under requests that mean no good', { timeout: 3_600_000 }, () => {
  it.each(SEEDS)('answers each of them without a 5xx and does not grow (seed %i)', async (seed) => {
    const podgate = serve({
      PODGATE_DATA_DIR: await dataFolder(),
      PODGATE_ADMIN_TOKEN: TOKEN,
      PODGATE_LOG_LEVEL: 'error',
      NODE_OPTIONS: '--max-semi-space-size=16',
    });
    const base = await podgate.ready;
    const json = { 'content-type': 'application/json' };
    await send(base, { method: 'PUT', path: '/v1/clusters/prod', headers: json, body: '{}' });
    const requests = fc.sample(hostileRequest, { seed, numRuns: Math.min(REQUESTS, 20_000) });
    const failed: { status: number; request: HostileRequest }[] = [];
    let warm = 0;
    for (let sent = 0; sent < REQUESTS; sent += AT_A_TIME) {
      const from = sent % requests.length;
      await Promise.all(
        requests.slice(from, from + AT_A_TIME).map(async (request) => {
          const status = await send(base, request).catch(async () => {
            // A connection may be closed under a request, as HTTP has it; the process may not end.
            await Promise.race([podgate.ended, sleep(200)]);
            expect(podgate.child.exitCode ?? podgate.child.signalCode, podgate.stderr()).toBeNull();
            return send(base, request);
          });
          if (status >= 500) failed.push({ status, request });
        }),
      );
      if (warm === 0 && sent >= REQUESTS / 2) warm = await residentBytes(podgate.child.pid ?? 0);
    }
    expect(failed.slice(0, 3)).toEqual([]);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    if (process.platform === 'linux') {
      expect((await residentBytes(podgate.child.pid ?? 0)) - warm).toBeLessThan(MOST_GROWTH);
    }
    expect(`${podgate.stdout()}${podgate.stderr()}`).not.toContain(TOKEN);
  });
});
