import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { podYaml, policyYaml } from '../../support/operation-context.js';
import { attackCount, attackedServer, LONG, SEED, withstand } from './attacked-server.js';
import { type HostileRequest, judgeAnswer, sender } from './http-answer.js';

/** What a header can hold: Node itself refuses to send anything else. */
const headerText = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
    { maxLength: 40 },
  )
  .map((codes) => String.fromCharCode(...codes));

const odd = (...values: readonly string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...values) }, headerText);

const tag = odd(
  '"1"',
  'W/"1"',
  '*',
  '"1", "2"',
  'W/"',
  '"',
  '""',
  '1',
  '"1',
  '*, "1"',
  `"${'9'.repeat(40)}"`,
  ',,,',
);
const compressed = odd(
  'gzip',
  'deflate',
  'br',
  'identity',
  'gzip, gzip',
  'gzip;q=1',
  'zstd',
  'x-gzip',
  'GZIP',
  ',',
  'br, gzip, deflate',
);
const mediaType = odd(
  'application/json',
  'application/yaml',
  'application/json; charset=utf-16',
  'application/json; charset="utf-8"',
  'application/yaml;charset=latin1',
  'application/json; charset=nowhere',
  'application/json; charset=utf-8; charset=utf-16',
  'application/json;',
  'application/problem+json',
  'text/plain',
  '/',
  'a/b/c',
);

const header = fc.oneof(
  fc.tuple(fc.constantFrom('If-Match', 'If-None-Match'), tag),
  fc.tuple(
    fc.constantFrom('If-Modified-Since', 'If-Unmodified-Since'),
    odd('Mon, 01 Jan 1990 00:00:00 GMT', 'Fri, 01 Jan 2100 00:00:00 GMT', 'yesterday', '0'),
  ),
  fc.tuple(
    fc.constant('Idempotency-Key'),
    odd('a', 'b', '', ' ', '"a"', 'k'.repeat(10_000), 'ä', 'a, b', '../..', "' OR 1=1 --"),
  ),
  fc.tuple(
    fc.constantFrom('Range', 'If-Range'),
    odd(
      'bytes=0-1',
      'bytes=-1',
      'bytes=1-0',
      'bytes=0-0,2-3',
      'items=1-2',
      'bytes=',
      `bytes=${'0-1,'.repeat(500)}`,
    ),
  ),
  fc.tuple(
    fc.constant('Accept'),
    odd(
      '*/*',
      'text/html',
      'text/html',
      'text/plain',
      'application/json;q=0',
      'application/sarif+json;q=0.5, */*;q=0.1',
      'application/json;q=2',
      ';q=1',
      '*/json',
      'a/b;c="\\"',
      'text/html, '.repeat(500),
    ),
  ),
  fc.tuple(fc.constant('Accept-Encoding'), odd('gzip', '*;q=0', 'identity;q=0', 'br;q=1, gzip;q=9', ',')),
  fc.tuple(fc.constant('Content-Encoding'), compressed),
  fc.tuple(fc.constant('Content-Type'), mediaType),
  fc.tuple(
    fc.constant('X-Forwarded-For'),
    odd(
      '127.0.0.1',
      '::1',
      '1.2.3.4, 5.6.7.8',
      'unknown',
      '999.1.1.1',
      '1.2.3.4:99999',
      '_hidden',
      ','.repeat(5_000),
    ),
  ),
  fc.tuple(
    fc.constantFrom('Traceparent', 'X-Request-Id', 'Prefer', 'Origin', 'Last-Event-ID'),
    odd('a', '', 'null'),
  ),
  fc.tuple(
    fc.constant('Authorization'),
    odd('Bearer', 'Bearer ', 'bearer x', 'Basic YTpi', 'Bearer a.b.c', `Bearer ${'wrong'.repeat(1_600)}`),
  ),
);

const body = fc.constantFrom<readonly [HostileRequest['method'], string, string]>(
  ['PUT', '/v1/policies/closed', policyYaml('closed')],
  ['PUT', '/v1/policies/other', policyYaml('other', 'privileged: true')],
  ['PUT', '/v1/clusters/prod', '{}'],
  ['PUT', '/v1/clusters/prod/assignments/closed', '{}'],
  ['POST', '/v1/clusters/prod/evaluate', podYaml('x')],
  ['POST', '/v1/clusters/prod/evaluate?dryRun=true', podYaml('y')],
  ['POST', '/graphql', '{"query":"{ __typename }"}'],
);
const reading = fc
  .constantFrom(
    '/v1/policies/closed',
    '/v1/policies',
    '/v1/clusters/prod/decisions',
    '/v1/clusters/prod/decisions/export',
    '/v1/policies/closed/versions/1',
    '/metrics',
    '/healthz',
    '/graphql',
    '/graphql',
    '/graphql/graphiql/index.html',
    '/graphql/graphiql/%2e%2e%2fpackage.json',
    '/%ff',
    '/%00',
    '/v1/policies/%2e%2e%2f',
    '/v1/%E0%80%80',
    '/v1//policies',
    '/openapi.json',
  )
  .chain((path) =>
    fc.constantFrom('GET', 'HEAD', 'DELETE', 'OPTIONS').map((method) => [method, path, ''] as const),
  );

const BOMB = gzipSync(Buffer.alloc(5_000_000));

/** The bytes as they are, compressed in some way, or cut off in the middle of that. */
function packed(text: string): readonly Uint8Array[] {
  const gzipped = gzipSync(text);
  return [
    Buffer.from(text),
    Buffer.from(text),
    Buffer.from(text, 'utf16le'),
    gzipped,
    gzipped.subarray(0, gzipped.length / 2),
    gzipSync(gzipped),
    deflateSync(text),
    brotliCompressSync(text),
    Buffer.concat([gzipped, Buffer.from('more')]),
    BOMB,
  ];
}
const bodies = new Map<string, readonly Uint8Array[]>();
const packedOnce = (text: string): readonly Uint8Array[] => {
  const known = bodies.get(text) ?? packed(text);
  bodies.set(text, known);
  return known;
};

const attack: fc.Arbitrary<HostileRequest> = fc
  .tuple(fc.oneof(body, reading), fc.array(header, { minLength: 1, maxLength: 4 }))
  .chain(([[method, path, text], headers]) =>
    (text === '' ? fc.constant(null) : fc.constantFrom(...packedOnce(text))).map((bytes) => ({
      method,
      path,
      headers: {
        'content-type': 'application/json',
        ...Object.fromEntries(headers.map(([k, v]) => [k.toLowerCase(), v])),
      },
      body: bytes,
    })),
  );

describe('headers that mean no good', LONG, () => {
  it.each([SEED])('are answered as what they are (seed %i)', async (seed) => {
    const server = await attackedServer();
    const send = sender(server.base);
    await withstand(server, attack, { seed, count: attackCount(600) }, async (request) =>
      judgeAnswer(request, await send(request)),
    );
  });
});
