import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serve } from '../process/served.js';
import { ownDatabase } from './database.js';
import {
  acknowledgeMore,
  evaluate,
  expectNothingLost,
  expectUnavailable,
  prepare,
  SETTINGS,
  startLoad,
} from './load.js';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe('nothing that was acknowledged is lost, and nothing is there twice', { timeout: 150_000 }, () => {
  test('when PostgreSQL is killed and started again under load', async () => {
    const database = await ownDatabase();
    const service = serve({ ...SETTINGS, DATABASE_URL: database.url });
    const base = await service.ready;
    await prepare(base);
    const load = startLoad(() => base);
    await acknowledgeMore(load, 100);
    await database.kill();
    await pause(1_500);
    expect(await evaluate(base, 'meanwhile')).toMatchObject({
      status: 503,
      type: 'application/problem+json',
    });
    await database.start();
    await acknowledgeMore(load, 100);
    await load.stop();
    expect(load.refusals.length).toBeGreaterThan(0);
    expectUnavailable(load);
    await expectNothingLost(load, base, database.directUrl());
  });

  test('when connections are cut between a commit and its answer', async () => {
    const database = await ownDatabase();
    const service = serve({ ...SETTINGS, DATABASE_URL: database.url });
    const base = await service.ready;
    await prepare(base);
    const load = startLoad(() => base);
    for (let round = 1; round <= 5; round += 1) {
      await acknowledgeMore(load, 30);
      database.proxy.cutNextAppends(1);
      await expect.poll(() => database.proxy.cut(), { timeout: 20_000 }).toBe(round);
    }
    await acknowledgeMore(load, 30);
    await load.stop();
    expect(load.refusals).toEqual([]);
    expect(load.unanswered).toEqual([]);
    await expectNothingLost(load, base, database.directUrl());
  });

  test('when the service is killed under load, and its clients send again what got no answer', async () => {
    const database = await ownDatabase();
    const settings = { ...SETTINGS, DATABASE_URL: database.url };
    const first = serve(settings);
    let base = await first.ready;
    await prepare(base);
    const load = startLoad(() => base, { keys: true });
    await acknowledgeMore(load, 100);
    first.child.kill('SIGKILL');
    await first.ended;
    base = await serve(settings).ready;
    await acknowledgeMore(load, 100);
    await load.stop();
    // A key of a request that died is given back after half a minute: until then it is refused as being worked on.
    for (const name of load.unanswered) {
      const again = () => evaluate(base, name, { 'idempotency-key': name });
      await expect.poll(async () => (await again())?.status, { timeout: 60_000, interval: 500 }).toBe(200);
      load.acknowledged.push(name);
    }
    await expectNothingLost(load, base, database.directUrl());
  });

  test('when the disk of the database is full', async ({ skip }) => {
    const disk = smallDisk();
    if (disk === null) skip('no file system can be mounted here: this needs root');
    const database = await ownDatabase(disk ?? '');
    const service = serve({ ...SETTINGS, DATABASE_URL: database.url });
    const base = await service.ready;
    await prepare(base);
    const load = startLoad(() => base);
    await acknowledgeMore(load, 50);
    const filler = fill(disk ?? '');
    await expect.poll(() => load.refusals.length, { timeout: 60_000 }).toBeGreaterThan(5);
    rmSync(filler);
    // PostgreSQL stops itself where it can't write its log; whoever runs it starts it again.
    await database.kill();
    await database.start();
    await acknowledgeMore(load, 50);
    await load.stop();
    expectUnavailable(load);
    await expectNothingLost(load, base, database.directUrl());
  });
});

/** A file system of its own in memory, or null where that isn't allowed. */
function smallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'podgate-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0755', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  chmodSync(folder, 0o755);
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Fills what is left of a disk. */
function fill(folder: string): string {
  const file = join(folder, 'filler');
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(file, Buffer.alloc(bavail * bsize));
  } catch (error) {
    // The server has written meanwhile, so that less was left: full is full.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
  return file;
}
