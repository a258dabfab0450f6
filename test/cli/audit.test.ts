import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, pod, policy, testApp } from '../rest/app.js';
import { call, folderWith } from './call.js';

/** Decisions of each request: the batches of the log. */
const BATCHES = [1, 2, 3, 4];
const DECISIONS = 10;

/** What a server exported, and its public keys. */
let exported: string;
let keys: string;
let fetched: (path: string) => Promise<Response>;

beforeAll(async () => {
  const { app, admin } = await testApp();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => server.close());
  // A server that listens on a host and a port has an address with a port.
  const { port } = server.address() as AddressInfo;
  fetched = (path) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  for (const cluster of ['prod', 'empty']) await admin.put(`/v1/clusters/${cluster}`).send({});
  await admin.put('/v1/policies/open').send(policy('open', { requiredDropCapabilities: ['NET_RAW'] }));
  await admin.put('/v1/clusters/prod/assignments/open').send({});
  for (const size of BATCHES) {
    // Integers beyond 2^53 and texts of all kinds are exported as they were recorded.
    const containers = [{ name: 'main', image: 'a', securityContext: { runAsUser: 9_007_199_254_740 } }];
    const items = Array.from({ length: size }, (_, index) =>
      pod(`p-${index}`, index % 2 === 0 ? { containers } : { hostPID: true, hostname: 'größe' }),
    );
    await admin.post('/v1/clusters/prod/evaluate').send({ apiVersion: 'v1', kind: 'List', items });
  }
  exported = await (await fetched('/v1/clusters/prod/decisions/export?proof=true')).text();
  keys = await (await fetched('/v1/signing-keys')).text();
});

async function verify(text: string | Uint8Array, key: string = keys, file = 'log.ndjson') {
  const directory = await folderWith({ [file]: text, 'keys.json': key });
  return call(['audit', 'verify', file, '--key', 'keys.json'], { directory });
}

async function found(text: string | Uint8Array): Promise<{ code: number; kind: string; sequence: string }> {
  const directory = await folderWith({ log: text, 'keys.json': keys });
  const { code, out } = await call(['audit', 'verify', 'log', '--key', 'keys.json', '--json'], { directory });
  const { firstProblem } = JSON.parse(out);
  return { code, kind: firstProblem.kind, sequence: firstProblem.sequence };
}

type Lines = string[];

/** The place of the line with the decision of that sequence. */
function at(lines: Lines, sequence: number): number {
  const place = lines.findIndex((line) => JSON.parse(line || '{}').sequence === String(sequence));
  expect(place).toBeGreaterThan(0);
  return place;
}

/** The place of the line that ends the batch with that sequence. */
function endOf(lines: Lines, sequence: number): number {
  const place = lines.findIndex((line) => JSON.parse(line || '{}').batch?.lastSequence === String(sequence));
  expect(place).toBeGreaterThan(0);
  return place;
}

/** A line of an export: each kind has some of its members. */
type Line = Record<'log' | 'batch' | 'checkpoint', object> & Record<string, unknown>;

function edit(lines: Lines, place: number, change: (line: Line) => unknown): void {
  lines[place] = JSON.stringify(change(JSON.parse(lines[place] ?? '')));
}

function swap(lines: Lines, a: number, b: number): void {
  const [first = '', second = ''] = [lines[a], lines[b]];
  lines[a] = second;
  lines[b] = first;
}

describe('an export with proof', () => {
  it('is verified without a server, from a file, from a compressed one and from standard input', async () => {
    const whole =
      /^10 decisions of prod checked: the chain is whole up to 10, signed at \d{4}-\S+Z with [0-9a-f]{16}\n$/;
    for (const text of [exported, gzipSync(exported)]) {
      const plain = await verify(text);
      expect([plain.code, plain.err]).toEqual([0, '']);
      expect(plain.out).toMatch(whole);
      const directory = await folderWith({ key: JSON.parse(keys).keys[0].publicKey });
      const piped = await call(['audit', 'verify', '-', '--key', 'key'], { directory, input: text });
      expect([piped.code, piped.out]).toEqual([0, plain.out]);
    }
  });

  it('of a log without decisions is whole', async () => {
    const empty = await (await fetched('/v1/clusters/empty/decisions/export?proof=true')).text();
    expect(await verify(empty)).toMatchObject({
      code: 0,
      out: '0 decisions of empty checked: the log was empty\n',
    });
  });

  it('says all that it found as JSON', async () => {
    const directory = await folderWith({ log: exported, keys });
    const { out } = await call(['audit', 'verify', 'log', '--key', 'keys', '--json'], { directory });
    expect(JSON.parse(out)).toEqual({
      valid: true,
      checked: DECISIONS,
      firstProblem: null,
      lastCheckpoint: {
        sequence: '10',
        signedAt: expect.any(String),
        keyId: JSON.parse(keys).keys[0].keyId,
      },
    });
  });
});

describe('what was done to an export is found', () => {
  it.each<[what: string, change: (lines: Lines) => Lines | void, kind: string, sequence: number]>([
    ['an altered reason', (all) => edit(all, at(all, 5), (line) => ({ ...line, reason: 'x' })), 'ALTERED', 5],
    [
      'a verdict that was turned',
      (all) => edit(all, at(all, 1), (line) => ({ ...line, allowed: !line['allowed'] })),
      'ALTERED',
      1,
    ],
    [
      'a violation that was left out',
      (all) => edit(all, at(all, 8), (line) => ({ ...line, candidates: [] })),
      'ALTERED',
      8,
    ],
    ['a decision without members', (all) => edit(all, at(all, 3), () => ({ sequence: '3' })), 'ALTERED', 3],
    [
      'a decision with half of its members',
      (all) => edit(all, at(all, 3), (line) => ({ ...line, object: undefined })),
      'ALTERED',
      3,
    ],
    ['a line that is no JSON', (all) => all.with(at(all, 6), '{"id":'), 'ALTERED', 6],
    ['a deleted decision', (all) => all.toSpliced(at(all, 5), 1), 'MISSING', 5],
    ['a deleted last decision of a batch', (all) => all.toSpliced(at(all, 6), 1), 'MISSING', 6],
    [
      'two decisions of one batch that changed places',
      (all) => swap(all, at(all, 7), at(all, 9)),
      'OUT_OF_ORDER',
      7,
    ],
    [
      'two of different batches that changed places',
      (all) => swap(all, at(all, 2), at(all, 9)),
      'OUT_OF_ORDER',
      2,
    ],
    [
      'a decision that is there twice',
      (all) => all.toSpliced(at(all, 8), 0, all[at(all, 7)] ?? ''),
      'OUT_OF_ORDER',
      7,
    ],
    ['a deleted batch', (all) => all.toSpliced(at(all, 4), 4), 'MISSING', 4],
    ['a deleted end of a batch', (all) => all.toSpliced(endOf(all, 3), 1), 'MISSING', 2],
    [
      'an end of a batch that was altered',
      (all) => edit(all, endOf(all, 6), ({ batch }) => ({ batch: { ...batch, digest: '00' } })),
      'ALTERED',
      4,
    ],
    ['a tail that was cut off', (all) => all.slice(0, endOf(all, 6) + 1), 'MISSING', 7],
    ['a tail that was cut off in a batch', (all) => all.slice(0, at(all, 9)), 'MISSING', 9],
    [
      'a tail that was cut off, and an end that was made to fit',
      (all) => {
        const batch = JSON.parse(all[endOf(all, 6)] ?? '').batch;
        const end = { sequence: '6', digest: batch.digest };
        edit(all, 0, ({ log }) => ({ log: { ...log, end } }));
        return all.slice(0, endOf(all, 6) + 1);
      },
      'MISSING',
      7,
    ],
    [
      'a tail that was cut off, with all that tells of it',
      (all) => {
        const batch = JSON.parse(all[endOf(all, 6)] ?? '').batch;
        const end = { sequence: '6', digest: batch.digest };
        edit(all, 0, ({ log }) => ({ log: { ...log, end } }));
        return all.slice(0, endOf(all, 6) + 1).filter((line) => !line.includes('"checkpoint"'));
      },
      'CHECKPOINT',
      6,
    ],
    [
      'a checkpoint that was moved',
      (all) => edit(all, 1, ({ checkpoint }) => ({ checkpoint: { ...checkpoint, sequence: '6' } })),
      'CHECKPOINT',
      6,
    ],
    [
      'the log of another cluster',
      (all) =>
        edit(all, 0, ({ log }) => ({ log: { ...log, clusterId: '00000000-0000-7000-8000-000000000000' } })),
      'CHECKPOINT',
      10,
    ],
  ])('%s', async (_, change, kind, sequence) => {
    const lines = exported.split('\n');
    const changed = change(lines) ?? lines;
    expect(await found(changed.join('\n'))).toEqual({ code: 1, kind, sequence: String(sequence) });
  });

  it('a file that was cut off in the middle of a line, also a compressed one', async () => {
    const whole = exported.length;
    const cut = exported.slice(0, whole - 300);
    const problem = { code: 1, kind: 'MISSING', sequence: '10' };
    expect(await found(cut)).toMatchObject(problem);
    const packed = gzipSync(exported);
    expect(await found(packed.subarray(0, packed.length - 20))).toMatchObject({ code: 1, kind: 'MISSING' });
  });

  it('names what was found in words', async () => {
    const lines = exported.split('\n');
    const { code, out } = await verify(lines.toSpliced(at(lines, 5), 1).join('\n'));
    expect(code).toBe(1);
    expect(out).toMatch(/^the log of prod is NOT whole: \{"kind":"MISSING","sequence":"5",.*\}\n$/);
  });

  it('a signature of another key', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const other = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { code, out } = await verify(exported, other);
    expect(code).toBe(1);
    expect(out).toContain('"kind":"CHECKPOINT"');
    expect(out).toContain('unknown key');
    const both = `${other}${JSON.parse(keys).keys[0].publicKey}`;
    expect((await verify(exported, both)).code).toBe(0);
  });
});

describe('an export that means no good', () => {
  const ODD: readonly unknown[] = [null, '', `1${'0'.repeat(40)}`, {}, '\u001b[2J\u009b1m'];
  // oxlint-disable-next-line no-control-regex -- what must not reach a terminal
  const STEERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

  /** Copies of a value, each with something odd in one of its places. */
  function* oddly(value: unknown): Generator {
    yield* ODD;
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      for (const odd of oddly(Reflect.get(value, key)))
        yield Object.assign(structuredClone(value), { [key]: odd });
    }
  }

  /** What of a line the chain covers: not the cluster's name, only its id, and not the link to a stored workload. */
  const chained = (line: unknown) =>
    JSON.stringify(line, (key, value: unknown) => (key === 'cluster' || key === 'podSpec' ? null : value));

  it('is told whole or not, or to be none, whatever stands in any of its places', async () => {
    const lines = exported.trimEnd().split('\n');
    const checkpoint = lines.findIndex((line) => line.startsWith('{"checkpoint"'));
    const directory = await folderWith({ keys });
    let tried = 0;
    for (const place of [0, checkpoint, at(lines, 5), endOf(lines, 3)]) {
      for (const odd of oddly(JSON.parse(lines[place] ?? ''))) {
        tried += 1;
        const input = lines.with(place, JSON.stringify(odd) ?? '').join('\n');
        const argv = ['audit', 'verify', '-', '--key', 'keys', ...(tried % 2 === 0 ? ['--json'] : [])];
        const { code, out, err } = await call(argv, { directory, input });
        expect(`${out}${err}`).not.toMatch(STEERS);
        if (code === 0) expect(chained(odd)).toBe(chained(JSON.parse(lines[place] ?? '')));
      }
    }
    expect(tried).toBeGreaterThan(300);
  }, 120_000);

  it('is not searched for ever for the place of a decision', async () => {
    const lines = exported.split('\n');
    edit(lines, at(lines, 1), (line) => ({ ...line, reason: 'x' }));
    edit(lines, endOf(lines, 1), ({ batch }) => ({
      batch: { ...batch, lastSequence: '9000000000000000000' },
    }));
    expect(await found(lines.join('\n'))).toEqual({ code: 1, kind: 'ALTERED', sequence: '1' });
  });

  it('is refused where a line has no end', async () => {
    const { code, err } = await verify(gzipSync(Buffer.alloc(300 * 1024 * 1024, 0x20)));
    expect(code).toBe(2);
    expect(err).toContain('log.ndjson can not be read: a line is longer than 64 Mi characters');
  });
});

describe('what is no export with proof, or called wrongly', () => {
  it.each<[what: string, argv: string[], said: string]>([
    ['a plain export', ['plain', '--key', 'keys'], 'plain can not be verified'],
    ['an empty file', ['empty', '--key', 'keys'], 'empty can not be verified'],
    ['a file that is not there', ['nix', '--key', 'keys'], 'nix can not be read'],
    ['no key', ['log'], 'signed with which key?'],
    ['a key that is not there', ['log', '--key', 'gone'], 'gone can not be read: ENOENT'],
    ['a key that is none', ['log', '--key', 'empty'], 'empty is no Ed25519 public key'],
    ['two files', ['log', 'plain', '--key', 'keys'], 'only one FILE'],
    ['a key for a server', ['--cluster', 'prod', '--key', 'keys'], '--key goes with FILE only'],
    ['broken gzip', ['broken', '--key', 'keys'], 'broken can not be read'],
  ])('%s', async (_, argv, said) => {
    const plain = await (await fetched('/v1/clusters/prod/decisions/export')).text();
    const broken = Buffer.concat([gzipSync('{}').subarray(0, 10), Buffer.alloc(40, 0xff)]);
    const directory = await folderWith({ log: exported, plain, empty: '', broken, keys });
    const { code, out, err } = await call(['audit', 'verify', ...argv], { directory });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });
});
