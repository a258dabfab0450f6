import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createDatabase, dropDatabase } from '../support/database.js';
import { podYaml } from '../support/operation-context.js';
import { dataFolder, serve } from './served.js';

const ADMIN = 'an-admin-token-beside-the-identity-provider';

/** A provider with one key; what it signs for a subject with these groups. */
async function identityProvider() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] });
  let issuer = '';
  const server = createServer((request, response) => {
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    response.end(isDiscovery ? JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }) : keys);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  // A server that listens on a host and a port has an address with a port.
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = (subject: string, groups: readonly string[], expires = '5m') =>
    new SignJWT({ groups })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setAudience('podgate')
      .setExpirationTime(expires)
      .sign(privateKey);
  return { issuer, token };
}

it('a server takes the tokens of its identity provider, as its rules say', { timeout: 60_000 }, async () => {
  const { issuer, token } = await identityProvider();
  const DATABASE_URL = await createDatabase(inject('templateDatabase'));
  onTestFinished(() => dropDatabase(DATABASE_URL));
  const base = await serve({
    DATABASE_URL,
    PODGATE_ADMIN_TOKEN: ADMIN,
    PODGATE_DATA_DIR: await dataFolder(),
    PODGATE_LOG_LEVEL: 'debug',
    PODGATE_OIDC_ISSUER: issuer,
    PODGATE_OIDC_AUDIENCE: 'podgate',
    PODGATE_OIDC_RULES: JSON.stringify([
      { claim: 'groups', value: 'deployers', role: 'EVALUATOR', clusters: ['prod'] },
      { claim: 'groups', value: 'staff', role: 'VIEWER' },
    ]),
  }).ready;
  const ask = async (bearer: string, method: string, path: string, body?: string) => {
    const type = body?.startsWith('{') === true ? 'application/json' : 'application/yaml';
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': type };
    const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) });
    return { status: answer.status, json: JSON.parse(await answer.text()) };
  };
  for (const cluster of ['prod', 'other']) await ask(ADMIN, 'PUT', `/v1/clusters/${cluster}`, '{}');

  const ann = await token('ann', ['deployers', 'staff']);
  const evaluated = await ask(ann, 'POST', '/v1/clusters/prod/evaluate', podYaml('web'));
  const decision = await ask(ADMIN, 'GET', `/v1/decisions/${evaluated.json.results[0].decisionId}`);
  expect(decision.json).toMatchObject({ actor: 'oidc:ann', object: { name: 'web' } });
  expect((await ask(ann, 'GET', '/v1/clusters/other')).status).toBe(404);

  const bob = await token('bob', ['staff']);
  expect((await ask(bob, 'GET', '/v1/clusters/other')).status).toBe(200);
  expect((await ask(bob, 'POST', '/v1/clusters/prod/evaluate', podYaml('web'))).status).toBe(403);
  expect((await ask(await token('eve', []), 'GET', '/v1/clusters')).status).toBe(403);
  expect((await ask(await token('ann', ['staff'], '-2m'), 'GET', '/v1/clusters')).status).toBe(401);
});
