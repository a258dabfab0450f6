import { once } from 'node:events';
import { type ClientRequest, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { holdBodies } from '../../src/http/held-bodies.js';
import { requestContext } from '../../src/http/request-context.js';
import { harness } from './harness.js';

const KIB = 1024;
const LARGEST = 300 * KIB;

/** A server whose requests are of the token that `X-Token` names, and wait for their answer until the test gives it. */
async function serve(most: number) {
  const waiting: Response[] = [];
  const hold = holdBodies({ most, unknown: LARGEST });
  const { app } = harness((req, res, next) => {
    const tokenId = req.get('X-Token') ?? '';
    requestContext(req).principal = { actor: `token:${tokenId}`, tokenId, role: 'VIEWER', clusters: null };
    const go = () =>
      hold(req, res, (error?: unknown) => {
        if (error !== undefined) next(error);
        else waiting.push(res);
      });
    if (req.get('X-Gone') === undefined) go();
    else res.once('close', go).destroy();
  });
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  /** Begins a request; tells the status where it is refused, and 'held' where it waits for its answer. */
  async function begin(token: string, headers: Readonly<Record<string, string | number>>) {
    const before = waiting.length;
    const sent = request({ port, method: 'POST', headers: { 'X-Token': token, ...headers } });
    sent.on('error', () => undefined).flushHeaders();
    const refused = once(sent, 'response').then(([answer]) => answer.statusCode as number);
    refused.catch(() => undefined);
    const held = expect.poll(() => waiting.length, { interval: 5 }).toBeGreaterThan(before);
    return { sent, outcome: await Promise.race([refused, held.then(() => 'held' as const)]) };
  }
  /** Begins requests one after the other. */
  async function outcomes(
    ...requests: readonly (readonly [string, Readonly<Record<string, string | number>>])[]
  ) {
    const told: (string | number)[] = [];
    const sent: ClientRequest[] = [];
    for (const [token, headers] of requests) {
      const begun = await begin(token, headers);
      told.push(begun.outcome);
      sent.push(begun.sent);
    }
    return { told, sent };
  }
  return { waiting, outcomes };
}

const of = (kibibytes: number) => ({ 'Content-Length': kibibytes * KIB });
type Case = readonly [
  string,
  readonly (readonly [string, Readonly<Record<string, string | number>>, string | number])[],
];

it.each<Case>([
  [
    'small ones, however many',
    [
      ['a', of(64), 'held'],
      ['a', of(64), 'held'],
      ['a', of(64), 'held'],
      ['a', {}, 'held'],
    ],
  ],
  [
    'half of it for one token',
    [
      ['a', of(100), 'held'],
      ['a', of(100), 'held'],
      ['a', of(65), 429],
      ['b', of(100), 'held'],
    ],
  ],
  [
    'all of it for several',
    [
      ['a', of(200), 'held'],
      ['b', of(200), 'held'],
      ['c', of(65), 429],
      ['c', of(64), 'held'],
    ],
  ],
  [
    'one, however large',
    [
      ['a', of(300), 'held'],
      ['b', of(300), 429],
      ['a', of(65), 429],
    ],
  ],
  [
    'one in chunks as the largest',
    [
      ['a', { 'Transfer-Encoding': 'chunked' }, 'held'],
      ['b', of(101), 429],
      ['b', of(100), 'held'],
    ],
  ],
  [
    'one that is compressed as the largest',
    [
      ['a', { ...of(1), 'Content-Encoding': 'gzip' }, 'held'],
      ['b', of(101), 429],
    ],
  ],
])('holds %s', async (_name, requests) => {
  const { outcomes } = await serve(400 * KIB);
  const { told } = await outcomes(...requests.map(([token, headers]) => [token, headers] as const));
  expect(told).toEqual(requests.map(([, , outcome]) => outcome));
});

it('holds one alone that is larger than all may be together', async () => {
  const { outcomes } = await serve(200 * KIB);
  expect((await outcomes(['a', of(300)], ['b', of(65)], ['b', of(64)])).told).toEqual(['held', 429, 'held']);
});

it('holds none any more that is answered, or whose client is gone', async () => {
  const { outcomes, waiting } = await serve(400 * KIB);
  const { told, sent } = await outcomes(['a', of(150)], ['b', of(200)]);
  expect([...told, ...(await outcomes(['c', of(100)])).told]).toEqual(['held', 'held', 429]);
  waiting[0]?.end();
  await expect.poll(() => waiting[0]?.closed).toBe(true);
  expect((await outcomes(['c', of(190)], ['d', of(100)])).told).toEqual(['held', 429]);
  sent[1]?.destroy();
  await expect.poll(() => waiting[1]?.closed).toBe(true);
  expect((await outcomes(['d', of(200)])).told).toEqual(['held']);
});

it('never holds one whose client has gone before', async () => {
  const { outcomes, waiting } = await serve(400 * KIB);
  await outcomes(['a', { ...of(300), 'X-Gone': 'yes' }]).catch(() => undefined);
  await expect.poll(() => waiting).toHaveLength(1);
  expect((await outcomes(['b', of(300)])).told).toEqual(['held']);
});
