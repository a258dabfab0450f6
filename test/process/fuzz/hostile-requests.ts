import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { HostileRequest } from './http-answer.js';

const YAML = 'application/yaml';
const JSON_TYPE = 'application/json';

/** Values that were meant otherwise, or that somebody forgot. */
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    '\u0000',
    '\ud800',
    -1,
    2 ** 53,
    1e308,
    [],
    {},
    [[[]]],
    true,
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 3 }),
);

const oddName = fc.oneof(
  fc.constantFrom(
    'prod',
    'p',
    '..',
    '%00',
    '%2e%2e%2f',
    '__proto__',
    'constructor',
    "' OR 1=1 --",
    'ä',
    'x'.repeat(300),
  ),
  fc.string({ maxLength: 20 }).map(encodeURIComponent),
);

/** A pod in which any part may be something else. */
const pod = fc.record(
  {
    apiVersion: fc.oneof({ weight: 5, arbitrary: fc.constant('v1') }, oddValue),
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('Pod', 'List', 'Deployment', 'CronJob') },
      oddValue,
    ),
    metadata: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ name: fc.oneof(fc.constant('x'), oddValue), annotations: oddValue }),
      },
      oddValue,
    ),
    items: oddValue,
    spec: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record(
          {
            hostNetwork: oddValue,
            securityContext: fc.dictionary(
              fc.constantFrom('runAsUser', 'sysctls', 'seLinuxOptions', 'x'),
              oddValue,
            ),
            containers: fc.array(
              fc.record(
                { name: oddValue, image: oddValue, ports: oddValue, securityContext: oddValue },
                { requiredKeys: [] },
              ),
              { maxLength: 4 },
            ),
            volumes: fc.array(
              fc.dictionary(fc.constantFrom('name', 'hostPath', 'emptyDir', 'csi'), oddValue),
              { maxLength: 4 },
            ),
            template: oddValue,
          },
          { requiredKeys: [] },
        ),
      },
      oddValue,
    ),
  },
  { requiredKeys: ['kind'] },
);

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'
    .split('')
    .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join()}]`),
].join('\n');

/** Texts that hurt readers of YAML and JSON. */
const hostileText = fc.oneof(
  fc.constantFrom(
    bomb,
    'a: &a [*a]',
    '---\n'.repeat(20_000),
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
    'a: {'.repeat(50_000),
    'kind: Pod\nkind: Pod\n',
    'kind: Pod\nmetadata: {__proto__: {x: 1}}\nspec: {containers: []}\n',
    'kind: Pod\n<<: {spec: {hostPID: yes}}\n',
    '\ufeffkind: Pod',
    'kind: "\\u0000"',
    '!!js/function x',
    '%TAG ! tag:x,2000:\n---\n!x y',
    `kind: Pod\nspec: {containers: [${'1,'.repeat(60_000)}1]}\napiVersion: v1\n`,
    '9'.repeat(10_000),
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  pod.map((value) => JSON.stringify(value)),
  fc.array(pod, { maxLength: 5 }).map((items) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })),
  // A good text with a piece of it cut out or doubled.
  fc.tuple(pod, fc.nat(200), fc.nat(30), fc.boolean()).map(([value, from, length, isDoubled]) => {
    const text = JSON.stringify(value);
    return text.slice(0, from + (isDoubled ? length : 0)) + text.slice(isDoubled ? from : from + length);
  }),
);

const hostileBody = fc.oneof(
  { weight: 6, arbitrary: hostileText.map((body) => ({ body, headers: {} })) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 200 })
      .map((bytes) => ({ body: Uint8Array.from(bytes), headers: {} })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      {
        body: Uint8Array.from(gzipSync(Buffer.alloc(20 * 1024 * 1024))),
        headers: { 'content-encoding': 'gzip' },
      },
      { body: Uint8Array.from([0x1f, 0x8b, 8, 0, 1, 2]), headers: { 'content-encoding': 'gzip' } },
      { body: 'x', headers: { 'content-encoding': 'gzip, gzip' } },
      { body: Uint8Array.from(Buffer.from('\ufeffkind: Pod', 'utf16le')), headers: {} },
    ),
  },
);

const query = fc.dictionary(
  fc.constantFrom(
    'namespace',
    'user',
    'group',
    'dryRun',
    'at',
    'first',
    'after',
    'fail',
    'file',
    'x',
    '__proto__',
  ),
  fc.oneof(fc.constantFrom('true', '2020-01-01T00:00:00Z', '-1', '101', ''), fc.string({ maxLength: 20 })),
  { maxKeys: 3 },
);

const rest: fc.Arbitrary<HostileRequest> = fc
  .tuple(
    fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'),
    fc.oneof(
      fc.constantFrom(
        '/v1/clusters/prod/evaluate',
        '/v1/evaluate',
        '/v1/policies/p',
        '/v1/tokens',
        '/v1/clusters',
      ),
      oddName.map((name) => `/v1/policies/${name}`),
      fc.tuple(oddName, oddName).map(([cluster, name]) => `/v1/clusters/${cluster}/assignments/${name}`),
      fc
        .tuple(oddName, oddName)
        .map(([cluster, name]) => `/v1/clusters/${cluster}/pod-specs/${name}/Pod/${name}`),
      oddName.map((name) => `/v1/decisions/${name}`),
      oddName.map((name) => `/${name}`),
    ),
    query,
    fc.constantFrom(YAML, JSON_TYPE, JSON_TYPE, 'text/plain', ''),
    hostileBody,
  )
  .map(([method, path, parameters, type, { body, headers }]) => {
    const search = new URLSearchParams(parameters).toString();
    return {
      method,
      path: `${path}?${search}`,
      headers: { ...headers, ...(type === '' ? {} : { 'content-type': type }) },
      body: method === 'GET' ? null : body,
    };
  });

/** Most that is sent goes where it hurts most. */
const evaluation: fc.Arbitrary<HostileRequest> = fc
  .tuple(fc.boolean(), fc.constantFrom(YAML, JSON_TYPE), hostileBody)
  .map(([isDry, type, { body, headers }]) => ({
    method: 'POST',
    path: `/v1/clusters/prod/evaluate${isDry ? '?dryRun=true' : ''}`,
    headers: { ...headers, 'content-type': type },
    body,
  }));

const graphql: fc.Arbitrary<HostileRequest> = fc
  .oneof(
    fc.record({ query: fc.string({ maxLength: 200 }), variables: oddValue }, { requiredKeys: [] }),
    fc.constantFrom(
      { query: '{'.repeat(3000) },
      { query: `{ ${Array.from({ length: 500 }, (_, index) => `a${index}: viewer { actor }`).join(' ')} }` },
      { query: '{ ...f } fragment f on Query { ...f }' },
      { query: `{ viewer ${'@include(if: true) '.repeat(100)}{ actor } }` },
      { query: '{ clusters(first: 100) { nodes { decisions(first: 100) { nodes { id } } } } }' },
    ),
    fc.tuple(hostileText, oddValue).map(([manifests, cluster]) => ({
      query:
        'mutation ($input: EvaluatePodsInput!) { evaluatePods(input: $input) { evaluation { allowed } userErrors { code } } }',
      variables: { input: { cluster, manifests } },
    })),
    fc.tuple(pod, oddValue).map(([object, namespace]) => ({
      query: 'query ($input: EvaluateInput!) { evaluate(input: $input) { allowed } }',
      variables: { input: { cluster: 'prod', objects: [object], namespace } },
    })),
    oddValue.map((id) => ({
      query: 'query ($id: ID!) { node(id: $id) { id } decision(id: $id) { id } }',
      variables: { id },
    })),
    oddValue,
  )
  .map((value) => ({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': JSON_TYPE },
    body: JSON.stringify(value),
  }));

/** A request that a client with bad intentions or bad luck could send. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.oneof(
  { weight: 4, arbitrary: evaluation },
  { weight: 3, arbitrary: rest },
  { weight: 3, arbitrary: graphql },
);
