import fc from 'fast-check';
import { describe, it } from 'vitest';
import { call } from '../../failures/load.js';
import { policyYaml, podYaml } from '../../support/operation-context.js';
import {
  type AttackedServer,
  attackCount,
  attackedServer,
  LONG,
  SEED,
  withstand,
} from './attacked-server.js';
import { type HostileRequest, judgeAnswer, sender } from './http-answer.js';

/** The lists of the REST API. */
const LISTS = [
  '/v1/policies',
  '/v1/policies/closed/versions',
  '/v1/clusters',
  '/v1/clusters/prod/assignments',
  '/v1/clusters/prod/decisions',
  '/v1/clusters/other/decisions',
  '/v1/clusters/prod/decisions?order=oldest',
  '/v1/clusters/prod/pod-specs',
  '/v1/changes',
  '/v1/tokens',
] as const;

/** The same over GraphQL; each takes `first` and `after`. */
const CONNECTIONS = [
  '{ policies(PAGE) { nodes { id } pageInfo { endCursor } } }',
  '{ clusters(PAGE) { nodes { id } pageInfo { endCursor } } }',
  '{ changes(PAGE) { nodes { id } pageInfo { endCursor } } }',
  '{ cluster(name: "prod") { decisions(PAGE) { nodes { id } pageInfo { endCursor } } } }',
  '{ cluster(name: "other") { decisions(PAGE) { nodes { id } pageInfo { endCursor } } } }',
  '{ policy(name: "closed") { id versions(PAGE) { nodes { id } pageInfo { endCursor } } } }',
] as const;

const get = (path: string): HostileRequest => ({ method: 'GET', path, headers: {}, body: null });
const ask = (query: string, variables: object = {}): HostileRequest => ({
  method: 'POST',
  path: '/graphql',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query, variables }),
});

/** Every cursor and id that the server gives out. */
async function collected(
  { base }: AttackedServer,
  send: ReturnType<typeof sender>,
): Promise<readonly string[]> {
  await call('PUT', `${base}/v1/clusters/other`, {});
  for (const name of ['second', 'third']) await call('PUT', `${base}/v1/policies/${name}`, policyYaml(name));
  for (const name of ['c', 'd']) await call('POST', `${base}/v1/clusters/other/evaluate`, podYaml(name));
  for (const name of ['e', 'f'])
    await call('PUT', `${base}/v1/clusters/prod/pod-specs/default/Pod/${name}`, podYaml(name));
  const requests = [
    ...LISTS.map((path) => get(`${path}${path.includes('?') ? '&' : '?'}first=1`)),
    ...CONNECTIONS.map((query) => ask(query.replace('PAGE', 'first: 1'))),
  ];
  const texts = await Promise.all(requests.map(async (request) => (await send(request)).text));
  return [
    ...new Set(texts.flatMap((text) => text.match(/(?<="(?:endCursor|id|nextCursor)":")[^"]+/g) ?? [])),
  ];
}

/** A cursor or an id, or nearly one. */
function forged(known: readonly string[]): fc.Arbitrary<string> {
  const real = fc.constantFrom(...known);
  const decoded = (text: string) => Buffer.from(text, 'base64url').toString('latin1');
  const encoded = (text: string) => Buffer.from(text, 'latin1').toString('base64url');
  return fc.oneof(
    real,
    fc
      .tuple(real, fc.nat(), fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }))
      .map(([text, at, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + 1);
      }),
    fc.tuple(real, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
    fc.tuple(real, real).map(([one, other]) => encoded(decoded(one).slice(0, 12) + decoded(other).slice(12))),
    fc
      .tuple(
        real,
        fc.constantFrom(
          '9'.repeat(30),
          '-1',
          '\u0000',
          'null',
          '1e9',
          '00000000-0000-0000-0000-000000000000',
        ),
      )
      .map(([text, put]) => encoded(decoded(text).replace(/\d+|[0-9a-f-]{36}/, put))),
    real.map((text) => encoded(encoded(text))),
    fc.constantFrom(
      '',
      ' ',
      '0',
      'null',
      '[]',
      '{}',
      encoded('["a",1]'),
      encoded('decisions:1'),
      'x'.repeat(9_000),
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
}

function attackOf(known: readonly string[]): fc.Arbitrary<HostileRequest> {
  const cursor = forged(known);
  const first = fc.constantFrom('1', '100', '101', '0', '-1', '1.5', '', 'x', '9'.repeat(20));
  const list = fc
    .tuple(
      fc.constantFrom(...LISTS),
      cursor,
      first,
      fc.constantFrom('', '&order=newest', '&last=1', '&before=x'),
    )
    .map(([path, after, count, more]) =>
      get(`${path}${path.includes('?') ? '&' : '?'}first=${count}&after=${safely(after)}${more}`),
    );
  const connection = fc
    .tuple(fc.constantFrom(...CONNECTIONS), cursor, fc.constantFrom(0, 1, 100, 101, -1, null, 'x'))
    .map(([query, after, count]) =>
      ask(`query ($n: Int, $after: String) ${query.replace('PAGE', 'first: $n, after: $after')}`, {
        n: count,
        after,
      }),
    );
  const node = cursor.map((id) => ask('query ($id: ID!) { node(id: $id) { __typename id } }', { id }));
  const byId = fc
    .tuple(
      fc.constantFrom(
        '/v1/decisions/',
        '/v1/tokens/',
        '/v1/policies/closed/versions/',
        '/v1/clusters/prod/webhook-secrets/',
      ),
      cursor,
    )
    .map(([path, id]) => get(path + safely(id)));
  return fc.oneof(list, connection, node, byId);
}

/** As a part of a URL; what no URL can hold is left out. */
function safely(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, ''));
}

describe('cursors and ids that were never given out, or for something else', LONG, () => {
  it.each([SEED])('are answered as what they are (seed %i)', async (seed) => {
    const server = await attackedServer();
    const send = sender(server.base);
    const attack = attackOf(await collected(server, send));
    await withstand(server, attack, { seed, count: attackCount(800) }, async (request) =>
      judgeAnswer(request, await send(request)),
    );
  });
});
