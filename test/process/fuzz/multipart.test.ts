import fc from 'fast-check';
import { describe, it } from 'vitest';
import { podYaml } from '../../support/operation-context.js';
import { attackCount, attackedServer, LONG, SEED, withstand } from './attacked-server.js';
import { type HostileRequest, judgeAnswer, sender } from './http-answer.js';

const path = fc.constantFrom(
  '/graphql',
  '/v1/evaluate',
  '/v1/clusters/prod/evaluate',
  '/v1/clusters/prod',
  '/v1/policies/closed',
  '/v1/tokens',
  '/v1/policies/closed/restore',
  '/v1/clusters/prod/pod-specs/default/Pod/x',
);
const BOUNDARIES = ['b', 'b"', '', '-'.repeat(200), 'ü'] as const;
const boundary = fc.constantFrom(...BOUNDARIES);
/** For each boundary one body of very many parts; each its own would take gigabytes. */
const MANY = new Map(BOUNDARIES.map((mark) => [mark, `--${mark}\r\n\r\n\r\n`.repeat(20_000)]));
const disposition = fc.constantFrom(
  'form-data; name="operations"',
  'form-data; name="map"',
  'form-data; name="0"; filename="../../etc/passwd"',
  "form-data; name*=UTF-8''%00",
  'attachment',
  '',
);
const content = fc.constantFrom(
  '{"query":"mutation ($file: Upload!) { upload(file: $file) }","variables":{"file":null}}',
  '{"0":["variables.file"]}',
  '{"0":["variables.__proto__.x"]}',
  podYaml('x'),
  '\u0000',
  'x'.repeat(5_000),
);
const part = fc
  .tuple(disposition, content)
  .map(([head, text]) => `Content-Disposition: ${head}\r\n\r\n${text}\r\n`);

/** A body in parts: whole, without its end, with a part of parts, or with very many. */
const multipart = fc
  .tuple(
    boundary,
    fc.array(part, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('whole', 'cut', 'nested', 'many'),
  )
  .map(([mark, parts, form]) => {
    const written = parts.map((each) => `--${mark}\r\n${each}`).join('');
    if (form === 'cut') return { mark, text: written };
    if (form === 'many') return { mark, text: MANY.get(mark) ?? '' };
    const inner = `--${mark}\r\nContent-Type: multipart/mixed; boundary=${mark}\r\n\r\n${written}`;
    return { mark, text: `${form === 'nested' ? inner.repeat(3) : written}--${mark}--\r\n` };
  });

const attack: fc.Arbitrary<HostileRequest> = fc
  .tuple(
    fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
    path,
    multipart,
    fc.constantFrom(
      'multipart/form-data',
      'multipart/mixed',
      'application/x-www-form-urlencoded',
      'message/http',
    ),
    fc.boolean(),
  )
  .map(([method, to, { mark, text }, type, isNamed]) => ({
    method,
    path: to,
    headers: {
      'content-type': isNamed ? `${type}; boundary="${mark}"` : type,
      'apollo-require-preflight': '1',
    },
    body: text,
  }));

describe('bodies in parts, and of other kinds that no route takes', LONG, () => {
  it.each([SEED])('are refused as what they are (seed %i)', async (seed) => {
    const server = await attackedServer();
    const send = sender(server.base);
    await withstand(server, attack, { seed, count: attackCount(400) }, async (request) => {
      const answer = await send(request);
      return answer.status < 400 && request.method !== 'DELETE'
        ? `takes it with ${answer.status}`
        : judgeAnswer(request, answer);
    });
  });
});
