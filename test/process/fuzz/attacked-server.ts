import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, inject, onTestFinished } from 'vitest';
import { call, TOKEN } from '../../failures/load.js';
import { createDatabase, dropDatabase } from '../../support/database.js';
import { policyYaml, podYaml } from '../../support/operation-context.js';
import { webhookSettings } from '../../webhook/webhook-process.js';
import { type Served, serve } from '../served.js';

/** How many attacks of each family are carried out; without a number from outside those of an ordinary run. */
export const attackCount = (ordinary: number): number =>
  Number(process.env['PODGATE_FUZZ_REQUESTS'] ?? ordinary);
/** The seed of the ordinary run; the seeds of failures that were found once are put beside it. */
export const SEED = 20_261_124;
/** Of a test file of attacks. */
export const LONG = { timeout: 3_600_000 } as const;
/** Attacks under way at a time. */
const AT_A_TIME = 20;
/** As many different attacks as are made; a longer run repeats them. */
const MOST_DIFFERENT = 20_000;
/** What the memory may have grown by from half time on, in bytes: caches that are bounded, and nothing that isn't. */
const MOST_GROWTH = 150 * 1024 * 1024;

/** A server of its own process, with something in it. */
export interface AttackedServer {
  /** The address of the API. */
  readonly base: string;
  /** The address of the webhook, over TLS. */
  readonly webhook: string;
  readonly process: Served;
}

/** Starts a server with a cluster `prod` whose one policy refuses privileged containers, and two decisions. */
export async function attackedServer(): Promise<AttackedServer> {
  const databaseUrl = await createDatabase(inject('templateDatabase'));
  onTestFinished(() => dropDatabase(databaseUrl));
  const settings = await webhookSettings(databaseUrl);
  const process = serve({
    ...settings,
    PODGATE_LOG_LEVEL: 'error',
    NODE_OPTIONS: '--max-semi-space-size=16',
  });
  const base = await process.ready;
  await call('PUT', `${base}/v1/clusters/prod`, {});
  await call('PUT', `${base}/v1/policies/closed`, policyYaml('closed'));
  await call('PUT', `${base}/v1/clusters/prod/assignments/closed`, {});
  for (const name of ['a', 'b']) await call('POST', `${base}/v1/clusters/prod/evaluate`, podYaml(name));
  return { base, webhook: `https://127.0.0.1:${settings.PODGATE_WEBHOOK_PORT}`, process };
}

/**
 * Carries out attacks, and expects nothing to be wrong with what is answered, nothing in the log (at level error), and
 * the server to be well afterwards, without having grown. `carryOut` tells what is wrong with an answer, or null; where it
 * rejects, the connection broke.
 */
export async function withstand<T>(
  { base, process: served }: AttackedServer,
  attacks: fc.Arbitrary<T>,
  { seed, count }: { readonly seed: number; readonly count: number },
  carryOut: (attack: T) => Promise<string | null>,
): Promise<void> {
  const made = fc.sample(attacks, { seed, numRuns: Math.min(count, MOST_DIFFERENT) });
  const pid = served.child.pid ?? 0;
  const wrong: string[] = [];
  let halfway = 0;
  for (let begun = 0; begun < count; begun += AT_A_TIME) {
    const from = begun % made.length;
    await Promise.all(
      made.slice(from, from + AT_A_TIME).map(async (attack) => {
        const what = await carryOut(attack).catch(async () => {
          // A connection may be closed under a request, as HTTP has it; the process may not end.
          await Promise.race([served.ended, sleep(200)]);
          expect(served.child.exitCode ?? served.child.signalCode, served.stderr()).toBeNull();
          return carryOut(attack);
        });
        if (what !== null) wrong.push(`${what}: ${fc.stringify(attack).slice(0, 2_000)}`);
      }),
    );
    if (halfway === 0 && begun >= count / 2) halfway = await residentBytes(pid);
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  for (const path of ['/healthz', '/readyz']) expect((await fetch(base + path)).status).toBe(200);
  if (process.platform === 'linux') expect((await residentBytes(pid)) - halfway).toBeLessThan(MOST_GROWTH);
  const said = `${served.stdout()}${served.stderr()}`;
  expect(said).not.toContain(TOKEN);
  expect(said.replaceAll(/^podgate (?:webhook )?listening on .*\n/gm, '')).toBe('');
}

/** Resident memory of a process in bytes, as Linux tells it. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
