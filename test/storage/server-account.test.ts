import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asAccount, serverAccount } from '../../src/storage/server-account.js';

const isRoot = process.getuid?.() === 0;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'podgate-account-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...[command, args, paths]: [string, readonly string[], readonly string[]]): string {
  const {
    command: file,
    args: all,
    ...ids
  } = asAccount(serverAccount(join(folder, 'new')), command, args, paths);
  return execFileSync(file, all, { ...ids, cwd: '/', encoding: 'utf8' }).trim();
}

test.skipIf(isRoot)('an ordinary user runs the server as itself', () => {
  expect(serverAccount(join(folder, 'new'))).toBeNull();
});

describe.skipIf(!isRoot)('as root', () => {
  test('the server runs as an unprivileged user', () => {
    chmodSync(folder, 0o755);
    expect(Number(run('/usr/bin/id', ['-u'], []))).toBeGreaterThan(0);
  });

  test('programs in a folder that is closed to that user still run, as that user, and find themselves', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    cpSync('/usr/bin/id', join(closed, 'id'));
    expect(Number(run(join(closed, 'id'), ['-u'], []))).toBeGreaterThan(0);
    expect(
      run('/bin/sh', ['-c', `test -x ${join(closed, 'id')} && echo found`], [closed, join(closed, 'x')]),
    ).toBe('found');
  });

  test('existing data keeps its owner', () => {
    expect(serverAccount('/')?.uid).not.toBe(0);
  });
});
