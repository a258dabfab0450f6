import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dataFolder, serve } from './served.js';

const TOKEN = 'a-token-of-the-hostile-manifests-0123456789abcdef';
/** A wide margin for slow machines: what isn't bounded takes minutes, or never ends. */
const LONGEST_MS = 10_000;

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: b}]}\n';
const bomb = `a0: &a0 [lol]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}*a${n}]\n`).join('')}`;

/** Texts that are refused wherever manifests are read, each with its status and a part of what is said. */
const REFUSED: readonly (readonly [string, 'yaml' | 'json', string, RegExp])[] = [
  ['a bomb of aliases', 'yaml', bomb, /excessive aliasing/],
  ['an alias of itself', 'yaml', 'a: &a {b: {c: *a}}\n', /contains itself/],
  ['an anchor called __proto__ that holds itself', 'yaml', 'a: &__proto__ [*__proto__]\n', /contains itself/],
  ['a million ends of documents', 'yaml', '--- \n'.repeat(400_000), /more than 10000 documents/],
  ['tens of thousands of ends of documents', 'yaml', '--- \n'.repeat(40_000), /more than 10000 documents/],
  ['YAML lists 100,000 deep', 'yaml', `a: ${'['.repeat(100_000)}`, /nesting exceeded/],
  ['YAML blocks 100,000 deep', 'yaml', `a:\n ${'- '.repeat(100_000)}x`, /nesting exceeded/],
  ['JSON lists 100,000 deep', 'json', `{"a":${'['.repeat(100_000)}`, /nested more than 100 levels/],
  ['JSON objects 40,000 deep', 'json', '{"a":'.repeat(40_000), /nested more than 100 levels/],
  ['JSON objects 100,000 deep', 'json', '{"a":'.repeat(100_000), /nested more than 100 levels/],
  ['a key twice in YAML', 'yaml', `${POD}kind: Pod\n`, /duplicate key \\"kind\\", first seen in line 2/],
  [
    'a key twice in JSON',
    'json',
    '{"kind":"Pod",\n"kind":"Pod"}',
    /duplicate key \\"kind\\", first seen in line 1/,
  ],
  ['a key twice by an escape', 'json', '{"kind":"Pod",\n"k\\u0069nd":"Pod"}', /duplicate key/],
  ['a NUL byte in YAML', 'yaml', `${POD}# \0\n`, /control|character|null byte/i],
  ['a NUL byte in JSON', 'json', '{"kind":"Pod\0"}', /control character/],
];

async function start() {
  const podgate = serve({
    PODGATE_DATA_DIR: await dataFolder(),
    PODGATE_ADMIN_TOKEN: TOKEN,
    PODGATE_LOG_LEVEL: 'error',
  });
  const base = await podgate.ready;
  const send = async (
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
  ) => {
    const begin = performance.now();
    const init = { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers }, body };
    const response = await fetch(base + path, init);
    const text = await response.text();
    expect(performance.now() - begin).toBeLessThan(LONGEST_MS);
    return { status: response.status, type: response.headers.get('content-type'), text };
  };
  const rest = (
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    format: 'yaml' | 'json',
  ) => send(method, path, body, { 'content-type': `application/${format}` });
  const graphql = (query: string, text: string) =>
    rest('POST', '/graphql', JSON.stringify({ query, variables: { text } }), 'json');
  await rest('PUT', '/v1/clusters/prod', '{}', 'json');
  return { podgate, send, rest, graphql };
}

const LONGEST_POLICY = 256 * 1024;

const EVALUATE = '/v1/clusters/prod/evaluate?dryRun=true';

describe('manifests that mean no good, at the real server', { timeout: 300_000 }, () => {
  it('are refused at every way in, at once and for a reason', async () => {
    const { podgate, rest, graphql } = await start();
    for (const [name, format, text, reason] of REFUSED) {
      for (const [method, path] of [
        ['POST', EVALUATE],
        ['POST', '/v1/clusters/prod/evaluate'],
        ['PUT', '/v1/policies/p'],
        ['PUT', '/v1/clusters/prod/pod-specs/default/Pod/x'],
      ] as const) {
        const answer = await rest(method, path, text, format);
        expect([400, 413], `${name} ${path}`).toContain(answer.status);
        expect(answer.type, name).toBe('application/problem+json');
        // A text that is too long for a policy is not even read.
        const tooLong = path.startsWith('/v1/policies/') && text.length > LONGEST_POLICY;
        expect(answer.text, `${name} ${path}`).toMatch(tooLong ? /too-large/ : reason);
      }
      for (const query of [
        'query ($text: String!) { evaluate(input: {cluster: "prod", manifests: $text}) { allowed } }',
        'mutation ($text: String!) { savePolicy(input: {manifest: $text}) { userErrors { code message } } }',
        'mutation ($text: String!) { evaluatePods(input: {cluster: "prod", manifests: $text}) { userErrors { code message } } }',
      ]) {
        const answer = await graphql(query, text);
        expect(answer.status, `${name} ${answer.text.slice(0, 300)}`).toBeLessThan(500);
        expect(answer.text, `${name} ${query}`).toMatch(/MALFORMED|TOO_LARGE|INVALID/);
      }
    }
    expect(podgate.child.exitCode).toBeNull();
    expect(podgate.stderr()).toBe('');
  });

  it('are taken as kubectl takes them where they are only odd', async () => {
    const { rest } = await start();
    const spec = (text: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: ${text}\n`;
    const container = 'containers: [{name: a, image: b}]';
    for (const [name, body, shown] of [
      ['a member called __proto__', spec(`{${container}, __proto__: {hostPID: true}}`), /__proto__/],
      [
        'labels with names of members',
        POD.replace('{name: x}', '{name: x, labels: {__proto__: a, constructor: b, prototype: c}}'),
        /"evaluated":1/,
      ],
      ['an anchor called __proto__', spec(`{containers: [&__proto__ {name: a, image: b}]}`), /"evaluated":1/],
      ['merge keys', `x: &x {hostNetwork: true}\n${spec(`{<<: *x, ${container}}`)}`, /"evaluated":1/],
      ['YAML 1.1 booleans', spec(`{hostNetwork: yes, hostPID: off, ${container}}`), /"evaluated":1/],
      ['a byte order mark', `\ufeff${POD}`, /"evaluated":1/],
    ] as const) {
      const answer = await rest('POST', EVALUATE, body, 'yaml');
      expect(answer.status, `${name} ${answer.text}`).toBe(200);
      expect(answer.text, name).toMatch(shown);
    }
    const utf16 = Uint8Array.from(Buffer.from(`\ufeff${POD}`, 'utf16le'));
    expect((await rest('POST', EVALUATE, utf16, 'yaml')).status).toBeLessThan(500);
    const large = spec(`{securityContext: {runAsUser: 9007199254740993}, ${container}}`);
    expect((await rest('POST', EVALUATE, large, 'yaml')).status).toBeLessThan(500);
    expect(({} as Record<string, unknown>)['hostPID']).toBeUndefined();
  });

  it('are refused where they are larger than they look', async () => {
    const { send } = await start();
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    const bodies = { gzip: gzipSync(zeros), deflate: deflateSync(zeros), br: brotliCompressSync(zeros) };
    for (const [encoding, bytes] of Object.entries(bodies)) {
      const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
      for (const path of [EVALUATE, '/v1/evaluate', '/graphql']) {
        expect((await send('POST', path, Uint8Array.from(bytes), headers)).status, encoding).toBe(413);
      }
    }
    const twice = { 'content-type': 'application/yaml', 'content-encoding': 'gzip, gzip' };
    expect((await send('POST', EVALUATE, Uint8Array.from(gzipSync(bodies.gzip)), twice)).status).toBe(415);
    const nested = { 'content-type': 'application/yaml', 'content-encoding': 'gzip' };
    expect((await send('POST', EVALUATE, Uint8Array.from(gzipSync(bodies.gzip)), nested)).status).toBe(400);
  });

  it('shows control characters of names escaped, in every format', async () => {
    const { rest, send } = await start();
    const name = 'a\u001b[31mb';
    const pod = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, annotations: { a: name } },
      spec: { hostPID: true, containers: [{ name, image: name }] },
    });
    for (const accept of [
      'application/json',
      'application/sarif+json',
      'application/junit+xml',
      'text/plain',
    ]) {
      const answer = await send('POST', EVALUATE, pod, { 'content-type': 'application/json', accept });
      expect(answer.text, accept).not.toContain('\u001b');
    }
    expect((await rest('PUT', `/v1/clusters/${encodeURIComponent(name)}`, '{}', 'json')).text).not.toContain(
      '\u001b',
    );
  });
});
