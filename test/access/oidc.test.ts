import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { createOidc, isJwt, oidcRules } from '../../src/access/oidc.js';

const good = await generateKeyPair('RS256', { extractable: true });
const next = await generateKeyPair('ES256', { extractable: true });
const foreign = await generateKeyPair('RS256');

/** The identity provider: its documents by path, which a test may change, and how often each was asked for. */
const documents = new Map<string, string>();
const asked = new Map<string, number>();
const server = createServer((request, response) => {
  const path = request.url ?? '';
  asked.set(path, (asked.get(path) ?? 0) + 1);
  const text = documents.get(path);
  response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(text);
});
await once(server.listen(0, '127.0.0.1'), 'listening');
afterAll(() => server.close());
// A server that listens on a port has an address with one.
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
const keyOf = async (pair: typeof good, kid: string) => ({ ...(await exportJWK(pair.publicKey)), kid });
documents.set(
  '/realm/.well-known/openid-configuration',
  JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }),
);
documents.set('/realm/keys', JSON.stringify({ keys: [await keyOf(good, 'good')] }));

const rules =
  oidcRules(
    JSON.stringify([
      { claim: 'groups', value: 'platform', role: 'ADMIN' },
      { claim: 'realm_access.roles', value: 'deployer', role: 'EVALUATOR', clusters: ['prod'] },
      { claim: 'https://example.com/tier', value: 'reader', role: 'VIEWER' },
    ]),
  ) ?? [];
const settings = { issuer, audience: 'podgate', jwksUri: null, rules };
const authenticate = createOidc(settings, { keysFor: 600, pause: 0, afterFailure: 0 });

const CLAIMS: JWTPayload = { groups: ['staff', 'platform'], sub: 'alice', iss: issuer, aud: 'podgate' };
const now = () => Math.floor(Date.now() / 1000);

/** A token that is good but for what is changed. */
function token(
  claims: Readonly<Record<string, unknown>> = {},
  key: CryptoKey | Uint8Array = good.privateKey,
  header = {},
): Promise<string> {
  return new SignJWT({ exp: now() + 600, iat: now(), ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'good', ...header })
    .sign(key);
}

describe("a token of the identity provider's", () => {
  it.each<[string, JWTPayload, object]>([
    ['a value of a list', {}, { role: 'ADMIN', clusters: null }],
    [
      'a value deep inside',
      { groups: [], realm_access: { roles: ['deployer'] } },
      { role: 'EVALUATOR', clusters: ['prod'] },
    ],
    [
      'a claim with dots in its name',
      { groups: 'staff', 'https://example.com/tier': 'reader' },
      { role: 'VIEWER' },
    ],
    ['the first rule that matches', { 'https://example.com/tier': 'reader' }, { role: 'ADMIN' }],
  ])('has the role that the rules give for %s', async (_, claims, principal) => {
    expect(await authenticate(await token(claims))).toMatchObject({
      actor: 'oidc:alice',
      tokenId: null,
      ...principal,
    });
  });

  it('may have other audiences beside', async () => {
    expect(await authenticate(await token({ aud: ['x', 'podgate'] }))).toMatchObject({ role: 'ADMIN' });
  });

  it('is refused where no rule gives it anything', async () => {
    await expect(authenticate(await token({ groups: ['staff'] }))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(authenticate(await token({ groups: { platform: 1 } }))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it.each<[string, () => Promise<string>]>([
    ['expired', () => token({ exp: now() - 60 })],
    ['without expiry', () => token({ exp: undefined })],
    ['not valid yet', () => token({ nbf: now() + 120 })],
    ['for another audience', () => token({ aud: 'others' })],
    ['without audience', () => token({ aud: undefined })],
    ['of another issuer', () => token({ iss: 'https://evil.example' })],
    ['without subject', () => token({ sub: undefined })],
    ['with control characters in its subject', () => token({ sub: 'a\nb' })],
    ['with a subject beyond all bounds', () => token({ sub: 'a'.repeat(256) })],
    ['signed by another key', () => token({}, foreign.privateKey)],
    ['of a key that the provider does not have', () => token({}, foreign.privateKey, { kid: 'foreign' })],
    ['unsigned', async () => new UnsecuredJWT({ ...CLAIMS, exp: now() + 600 }).encode()],
    [
      'signed with the public key as the secret of an HMAC',
      async () => token({}, new TextEncoder().encode(await exportSPKI(good.publicKey)), { alg: 'HS256' }),
    ],
    [
      'with a key of its own in the header',
      async () => token({}, foreign.privateKey, { jwk: await exportJWK(foreign.publicKey) }),
    ],
    [
      'with a changed payload',
      async () => (await token()).replace(/\.[^.]+\./, `.${btoa('{"sub":"mallory"}')}.`),
    ],
    [
      'with critical extensions that nobody knows',
      async () => `${btoa('{"alg":"RS256","crit":["x"],"x":1}').replaceAll('=', '')}.e30.AAAA`,
    ],
    ['of noise', async () => 'a.b.c'],
  ])('is refused when it is %s', async (_, make) => {
    await expect(authenticate(await make())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is good with a key that the provider has since changed to', async () => {
    const rotated = () => token({}, next.privateKey, { alg: 'ES256', kid: 'next' });
    await expect(authenticate(await rotated())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    documents.set('/realm/keys', JSON.stringify({ keys: [await keyOf(next, 'next')] }));
    expect(await authenticate(await rotated())).toMatchObject({ role: 'ADMIN' });
    documents.set(
      '/realm/keys',
      JSON.stringify({ keys: [await keyOf(good, 'good'), await keyOf(next, 'next')] }),
    );
  });

  it('costs one reading of the keys, however many are sent', async () => {
    const many = createOidc(settings);
    const before = asked.get('/realm/keys') ?? 0;
    for (let number = 0; number < 50; number += 1) {
      await many(await token({}, foreign.privateKey, { kid: `made-up-${number}` })).catch(() => undefined);
    }
    await Promise.all(Array.from({ length: 20 }, async () => many(await token())));
    expect((asked.get('/realm/keys') ?? 0) - before).toBe(1);
  });
});

describe('a provider that fails', () => {
  it.each([
    ['has no discovery document', 'http://127.0.0.1:1', null],
    ['is asked at an address without keys', issuer, `${issuer}/nothing`],
    ['answers what is no key set', issuer, `${issuer}/broken`],
    ['answers without end', issuer, `${issuer}/endless`],
  ])('makes tokens unverifiable, not invalid: it %s', async (_, address, jwksUri) => {
    documents.set('/realm/broken', '<html>');
    documents.set('/realm/endless', JSON.stringify({ keys: [], padding: 'x'.repeat(300_000) }));
    const failing = createOidc({ ...settings, issuer: address, jwksUri });
    const answer = failing(await token({ iss: address }));
    await expect(answer).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 5 });
  });

  it.each([
    ['without a discovery document', null, '/away/.well-known/openid-configuration'],
    ['without keys', '/away/keys', '/away/keys'],
    ['with what is no key set', '/broken/keys', '/broken/keys'],
  ])('is asked once in a while and not for each token: %s', async (_, keysAt, path) => {
    documents.set('/broken/keys', '{"keys":1}');
    const away = issuer.replace('/realm', '/away');
    const jwksUri = keysAt === null ? null : issuer.replace('/realm', keysAt);
    const failing = createOidc(
      { ...settings, issuer: away, jwksUri },
      { keysFor: 600, pause: 30, afterFailure: 0.3 },
    );
    const failureOf = async (number: number) =>
      failing(await token({ iss: away }, good.privateKey, { kid: `${number}` })).catch(
        (error: unknown) => error,
      );
    const before = asked.get(path) ?? 0;
    const first = await failureOf(0);
    const others = await Promise.all(Array.from({ length: 50 }, (__, number) => failureOf(number)));
    expect(new Set(others)).toEqual(new Set([first]));
    expect((asked.get(path) ?? 0) - before).toBe(1);
    await sleep(310);
    expect(await failureOf(0)).not.toBe(first);
    expect((asked.get(path) ?? 0) - before).toBe(2);
  });

  it('is found again when it is back', async () => {
    const late = issuer.replace('/realm', '/late');
    const recovering = createOidc(
      { ...settings, issuer: late },
      { keysFor: 600, pause: 30, afterFailure: 0.1 },
    );
    const ask = async () => recovering(await token({ iss: late }));
    await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    documents.set(
      '/late/.well-known/openid-configuration',
      JSON.stringify({ issuer: late, jwks_uri: `${issuer}/keys` }),
    );
    await sleep(110);
    expect(await ask()).toMatchObject({ role: 'ADMIN' });
  });

  it('keeps nobody out whose key is known, whatever others send', async () => {
    const keys = documents.get('/realm/keys') ?? '';
    const steady = createOidc(settings, { keysFor: 600, pause: 0, afterFailure: 600 });
    await steady(await token());
    documents.delete('/realm/keys');
    const unknown = token({}, foreign.privateKey, { kid: 'made-up' });
    await expect(steady(await unknown)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await steady(await token())).toMatchObject({ role: 'ADMIN' });
    documents.set('/realm/keys', keys);
  });

  it('does not speak for another issuer', async () => {
    const aliased = issuer.replace('127.0.0.1', 'localhost');
    const other = createOidc({ ...settings, issuer: aliased });
    await expect(other(await token({ iss: aliased }))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('what a bearer token is', () => {
  it.each([
    ['a.b.c', true],
    ['a.b.', true],
    ['a.b', false],
    ['podgate_abc', false],
    ['a.b.c.d.e', false],
  ])('%s: a JWT? %s', (text, expected) => expect(isJwt(text)).toBe(expected));
});

describe('rules', () => {
  it.each([
    '',
    '{}',
    '[{}]',
    '[{"claim":"a","value":"b","role":"ROOT"}]',
    '[{"claim":"a","value":"b","role":"VIEWER","clusters":[]}]',
  ])('are refused: %s', (text) => expect(oidcRules(text)).toBeNull());
});
