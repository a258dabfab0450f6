import { createServer, get } from 'node:http';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { newTokenSecret } from '../../src/access/token.js';
import { makeSigningKey } from '../../src/access/signing-key.js';
import { findSecrets } from './find-secrets.js';
import { noteSecretSettings, recordedLogger } from './run-record.js';
import { recordFolders } from './record-folders.js';

const TEST_FOLDER = resolve(import.meta.dirname, '..');
const SECRET = 'a secret with (signs) in it';

describe('the search of the logs', () => {
  it.each([
    ['a secret that was used', `{"msg":"with ${SECRET}"}`, 'a secret that a test has used'],
    ['a token that nobody noted', `token ${newTokenSecret()}`, 'a token of Podgate'],
    ['a JWT', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl', 'a signed JWT'],
    ['a private key', makeSigningKey().pem, 'a private key'],
    ['a password', 'FATAL postgresql://podgate:hidden@127.0.0.1/podgate', 'a password in a URL'],
  ])('finds %s', (_, line, what) => {
    const log = `first\n${line}\nlast`;
    expect(findSecrets(log, [SECRET])).toEqual([{ what, line: line.split('\n')[0] }]);
  });

  it.each([
    ['what is masked', 'podgate_[masked] Bearer [masked] postgres://podgate:[masked]@db'],
    ['a text with the prefix of tokens', `podgate_${'a'.repeat(51)}`],
    ['an address without a password', 'postgresql://podgate@127.0.0.1:5432/podgate'],
    ['short words that a test used as a token', 'the token was wrong'],
  ])('lets %s pass', (_, log) => expect(findSecrets(log, [SECRET, 'wrong'])).toEqual([]));
});

/** What files of this run have noted so far. */
const recorded = (kind: 'logs' | 'secrets') => {
  const folder = recordFolders(inject('recordFolder'))[kind];
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
};

describe('the record of a run', () => {
  it('has the tokens of all requests', async () => {
    const server = createServer((_, response) => void response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    // A server that listens on a host and a port has an address with a port.
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: 'Bearer sent-by-fetch' } });
    await fetch(`http://127.0.0.1:${port}/admission/prod/~sent-in-the-path/mutate?timeout=1s`);
    const sent = get({ port, headers: { authorization: 'bearer sent-by-http' } }, (answer) =>
      answer.resume(),
    );
    await once(sent, 'close');
    for (const token of ['sent-by-fetch', 'sent-in-the-path', 'sent-by-http'])
      expect(recorded('secrets')).toContain(`"${token}"\n`);
  });

  it('has the secrets among the settings of processes', () => {
    noteSecretSettings({
      PODGATE_ADMIN_TOKEN: 'the admin token of a process',
      DATABASE_URL: 'postgresql://podgate:password-of-a-process@127.0.0.1/podgate',
      PODGATE_PORT: '8080',
    });
    for (const secret of ['the admin token of a process', 'password-of-a-process'])
      expect(recorded('secrets')).toContain(`"${secret}"\n`);
    expect(recorded('secrets')).not.toContain('"8080"');
  });

  it('has what a server in the test itself logs', () => {
    const lines: string[] = [];
    recordedLogger('info', (line) => lines.push(line)).info('something to be kept');
    expect(lines).toHaveLength(1);
    expect(recorded('logs')).toContain(lines[0]);
  });

  it('misses no logger and no server that a test makes', () => {
    const files = readdirSync(TEST_FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const using = (pattern: RegExp) =>
      files.filter((name) => pattern.test(readFileSync(join(TEST_FOLDER, name), 'utf8'))).sort();
    expect(files.length).toBeGreaterThan(150);
    // Everybody else takes recordedLogger() and serve(), so that the search sees what is logged.
    expect(using(/createLogger\(/)).toEqual(['observability/logger.test.ts', 'support/run-record.ts']);
    expect(using(/node:child_process[^]*dist\/src\/main\.js/)).toEqual(['process/served.ts']);
  });
});
