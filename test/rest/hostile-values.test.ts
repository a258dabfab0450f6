import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Client, pod, policy, testApp } from './app.js';

const { admin } = await testApp();
await admin.put('/v1/clusters/prod').send({});
await admin.put('/v1/policies/p').send(policy('p'));
await admin.put('/v1/clusters/prod/assignments/p').send({});

/** Texts that some part of a stack of text, JSON and SQL is known to stumble over. */
const TEXTS: readonly string[] = [
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udc00x',
  '\u202e',
  '\ufffe',
  "'; DROP TABLE clusters; --",
  '\\',
  '__proto__',
  '💩',
  // Not of one letter: tests use such texts as tokens, and no log may hold those.
  'hostile-'.repeat(1_250),
  // Random, so that it can't be compressed to what fits into an index.
  Array.from({ length: 60 }, (_, index) => hash('sha256', String(index))).join(''),
  '\r\nX-Injected: 1',
];

/** The texts under names that can be read. */
const NAMED = TEXTS.map((text) => [JSON.stringify(text.slice(0, 40)), text] as const);

/** Numbers beyond what an int32, an int64 or a double holds. */
const NUMBERS: readonly string[] = [
  '2147483648',
  '9223372036854775808',
  '1e30',
  '1e999',
  '-1',
  '0.5',
  '1'.repeat(500),
  '-0',
];

/** A URL can't hold halves of surrogate pairs. */
const wellFormed = (text: string) => text.replaceAll(/\p{Surrogate}/gu, '');

type Attempt = (client: Client, text: string) => PromiseLike<{ status: number; text: string }>;

const annotated = <T extends { metadata: object }>(object: T, text: string) => ({
  ...object,
  metadata: { ...object.metadata, annotations: { note: text }, labels: { l: text } },
});

const WAYS_IN: Readonly<Record<string, Attempt>> = {
  'a display name': (client, text) => client.put('/v1/clusters/prod').send({ displayName: text }),
  'a message': (client, text) =>
    client
      .put('/v1/policies/p')
      .query({ message: wellFormed(text) })
      .send(policy('p')),
  "a policy's annotation": (client, text) => client.put('/v1/policies/p').send(annotated(policy('p'), text)),
  "a policy's name": (client, text) => client.put('/v1/policies/p').send(policy(text)),
  "a policy's host path": (client, text) =>
    client.put('/v1/policies/p').send(policy('p', { allowedHostPaths: [{ pathPrefix: text }] })),
  'a restore message': (client, text) =>
    client.post('/v1/policies/p/restore').send({ version: 1, message: text }),
  'a subject': (client, text) =>
    client.put('/v1/clusters/prod/assignments/p').send({ subjects: [{ kind: 'User', name: text }] }),
  "a pod's annotation": (client, text) =>
    client.post('/v1/clusters/prod/evaluate').send(annotated(pod('a'), text)),
  "a pod's name": (client, text) => client.post('/v1/clusters/prod/evaluate').send(pod(text)),
  'a kind': (client, text) => client.post('/v1/clusters/prod/evaluate').send({ ...pod('a'), kind: text }),
  'an image': (client, text) =>
    client.post('/v1/clusters/prod/evaluate').send(pod('a', { containers: [{ name: 'm', image: text }] })),
  'an environment variable': (client, text) =>
    client
      .put('/v1/clusters/prod/pod-specs/default/Pod/a')
      .send(pod('a', { containers: [{ name: 'm', image: 'i', env: [{ name: 'X', value: text }] }] })),
  "a workload's name": (client, text) =>
    client
      .put(`/v1/clusters/prod/pod-specs/default/Pod/${encodeURIComponent(wellFormed(text))}`)
      .send(pod(wellFormed(text))),
  "a workload's namespace": (client, text) =>
    client.put(`/v1/clusters/prod/pod-specs/${encodeURIComponent(wellFormed(text))}/Pod/a`).send(pod('a')),
  'an unknown field': (client, text) =>
    client.post('/v1/clusters/prod/evaluate').send(pod('a', { [text]: text })),
  'a user in the body': (client, text) =>
    client
      .post('/v1/evaluate')
      .send({ policies: [policy('p')], objects: [pod('a')], user: text, groups: [text] }),
  "a token's name": (client, text) => client.post('/v1/tokens').send({ name: text, role: 'VIEWER' }),
};

describe.each(Object.entries(WAYS_IN))('%s', (_name, attempt) => {
  it.each(NAMED)('%s is taken or refused', async (_name, text) => {
    const response = await attempt(admin, text);
    expect(response.status, response.text).toBeLessThan(500);
  });
});

const QUERIES = ['user', 'group', 'namespace', 'serviceAccount', 'file'];
it.each(NAMED)('%s in a query of an evaluation is taken or refused', async (_name, text) => {
  const encoded = encodeURIComponent(wellFormed(text));
  for (const name of QUERIES) {
    const response = await admin.post(`/v1/clusters/prod/evaluate?user=u&${name}=${encoded}`).send(pod('a'));
    expect(response.status, response.text).toBeLessThan(500);
  }
});

/** At the ends of the years that RFC 3339 can write, and beyond them in UTC. */
const INSTANTS: readonly (readonly [string, 200 | 422])[] = [
  ['0000-01-01T00:00:00Z', 422],
  ['0001-01-01T00:00:00+01:00', 422],
  ['9999-12-31T23:59:59-01:00', 422],
  ['0001-01-01T00:00:00Z', 200],
  ['0001-01-05T00:00:00Z', 200],
  ['9999-12-31T23:59:59.999Z', 200],
];

it.each(INSTANTS)(
  'the instant %s is answered with %i, or refused where nothing can be asked about it',
  async (instant, status) => {
    const encoded = encodeURIComponent(instant);
    const decisions = '/v1/clusters/prod/decisions';
    for (const query of ['?since=', '?until=', '/export?since=', '/export?until=']) {
      const response = await admin.get(`${decisions}${query}${encoded}`);
      expect(response.status, `${query} ${response.text}`).toBe(status);
    }
    for (const response of [
      await admin.get(`${decisions}/stats?until=${encoded}`),
      await admin.get(`/v1/clusters/prod/policy-set?at=${encoded}`),
      await admin.post(`/v1/clusters/prod/evaluate?at=${encoded}`).send(pod('a')),
      await admin.post('/v1/tokens').send({ name: instant, role: 'VIEWER', expiresAt: instant }),
    ]) {
      expect(response.status, response.text).toBeLessThan(500);
      expect(response.text, 'a year is written with four digits').not.toMatch(/[+-]\d{6}-/);
    }
  },
);

it.each(NUMBERS)('the number %s is taken or refused wherever a number is', async (number) => {
  const texts: readonly (readonly ['put' | 'post', string, string])[] = [
    ['put', '/v1/clusters/prod/assignments/p', `{"version": ${number}}`],
    ['post', '/v1/policies/p/restore', `{"version": ${number}}`],
    [
      'post',
      '/v1/clusters/prod/evaluate',
      JSON.stringify(pod('a', { securityContext: { runAsUser: 'N' } })).replace('"N"', number),
    ],
    ['post', '/v1/clusters/prod/evaluate', JSON.stringify(pod('a', { unknown: 'N' })).replace('"N"', number)],
    [
      'put',
      '/v1/policies/p',
      JSON.stringify(policy('p', { hostPorts: [{ min: 'N', max: 'N' }] })).replaceAll('"N"', number),
    ],
  ];
  for (const [method, path, text] of texts) {
    const response = await admin[method](path).type('json').send(text);
    expect(response.status, `${path} ${response.text}`).toBeLessThan(500);
  }
});

it.each([
  ['nesting without end', '['.repeat(100_000), 'application/json'],
  ['nesting without end in YAML', '- '.repeat(50_000), 'application/yaml'],
  ['flow nesting without end in YAML', '['.repeat(100_000), 'application/yaml'],
  ['a hundred thousand documents', '---\na: 1\n'.repeat(15_000), 'application/yaml'],
  ['an alias of itself', 'a: &a [*a]', 'application/yaml'],
  [
    'a bomb of aliases',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((k, i) => `${k}: &${k} [${`*${'abcdefgh'[i]},`.repeat(9)}]`)
      .join('\n')}`,
    'application/yaml',
  ],
  ['an unknown tag', 'a: !!js/function "function(){}"', 'application/yaml'],
  ['a byte order mark alone', '\ufeff', 'application/yaml'],
])('%s is refused in time', { timeout: 5_000 }, async (_name, body, type) => {
  const response = await admin.post('/v1/clusters/prod/evaluate').type(type).send(body);
  expect(response.status, response.text.slice(0, 300)).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
});
