import { Router } from 'express';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRateLimits, type RateLimitSettings } from '../../src/http/rate-limits.js';
import { requestContext } from '../../src/http/request-context.js';
import { trustedProxies } from '../../src/http/trusted-proxies.js';
import type { Principal } from '../../src/model/principal.js';
import { harness } from './harness.js';

const principal = (tokenId: string): Principal => ({
  actor: `token:${tokenId}`,
  tokenId,
  role: 'VIEWER',
  clusters: null,
});

/** An app whose requests are of the token that `X-Token` names. */
function limited(settings: Partial<RateLimitSettings>, proxies: readonly string[] = []) {
  const limits = createRateLimits({ perAddress: null, perToken: null, ...settings });
  const routes = Router();
  routes.use(...limits.address.handlers, (req, _res, next) => {
    requestContext(req).principal = principal(req.get('X-Token') ?? 'one');
    next();
  });
  routes.get('/', ...limits.token.handlers, (_req, res) => void res.json({}));
  const { app } = harness(routes);
  app.set('trust proxy', trustedProxies(proxies));
  const get = (headers: Readonly<Record<string, string>> = {}) => request(app).get('/').set(headers);
  return { get, limits };
}

describe('rate limits', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it('are off, and say nothing, until they are configured', async () => {
    const { get, limits } = limited({});
    for (let sent = 0; sent < 5; sent += 1) expect((await get()).status).toBe(200);
    const { headers } = await get();
    expect([headers['ratelimit'], headers['ratelimit-policy']]).toEqual([undefined, undefined]);
    expect(await limits.token.count(principal('one'))).toBeNull();
  });

  it('tell how much is left, and answer 429 with the time to wait beyond', async () => {
    const { get } = limited({ perToken: 2 });
    const first = await get();
    expect(first.headers['ratelimit']).toBe('"token"; r=1; t=60');
    expect(first.headers['ratelimit-policy']).toMatch(/^"token"; q=2; w=60; pk=:\S+:$/);
    vi.setSystemTime(20_500);
    expect((await get()).headers['ratelimit']).toBe('"token"; r=0; t=40');
    const refused = await get();
    expect([refused.status, refused.type, refused.headers['retry-after']]).toEqual([
      429,
      'application/problem+json',
      '40',
    ]);
    expect(refused.body).toMatchObject({
      type: 'urn:podgate:problem:too-many-requests',
      detail: 'More than 2 requests in a minute with this token',
    });
    vi.setSystemTime(20_500 + 40_000);
    expect((await get()).status).toBe(200);
  });

  it('count each token for itself', async () => {
    const { get } = limited({ perToken: 1 });
    expect((await get({ 'X-Token': 'one' })).status).toBe(200);
    expect((await get({ 'X-Token': 'one' })).status).toBe(429);
    expect((await get({ 'X-Token': 'two' })).status).toBe(200);
  });

  it('count an address whatever its token, and name both limits', async () => {
    const { get } = limited({ perAddress: 2, perToken: 5 });
    const first = await get({ 'X-Token': 'one' });
    expect(first.headers['ratelimit']).toBe('"address"; r=1; t=60, "token"; r=4; t=60');
    await get({ 'X-Token': 'two' });
    const refused = await get({ 'X-Token': 'three' });
    expect([refused.status, refused.body.detail]).toEqual([
      429,
      'More than 2 requests in a minute from this address',
    ]);
  });

  it('take the address from X-Forwarded-For only where a trusted proxy says it', async () => {
    const from = (address: string) => ({ 'X-Forwarded-For': address });
    const unproxied = limited({ perAddress: 1 });
    expect((await unproxied.get(from('192.0.2.1'))).status).toBe(200);
    expect((await unproxied.get(from('192.0.2.2'))).status).toBe(429);
    const proxied = limited({ perAddress: 1 }, ['loopback']);
    expect((await proxied.get(from('192.0.2.1'))).status).toBe(200);
    expect((await proxied.get(from('192.0.2.2'))).status).toBe(200);
    // What a client has written itself stands before what the proxy has added.
    expect((await proxied.get(from('192.0.2.9, 192.0.2.1'))).status).toBe(429);
  });

  it('count an IPv6 network as one address', async () => {
    const { limits } = limited({ perAddress: 1 });
    expect(await limits.address.count('2001:db8::1')).toBeNull();
    expect(await limits.address.count('2001:db8::2')).not.toBeNull();
  });

  it('count what Express never sees in the same window', async () => {
    const { get, limits } = limited({ perToken: 1 });
    expect(await limits.token.count(principal('one'))).toBeNull();
    expect(await limits.token.count(principal('one'))).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      retryAfterSeconds: 60,
    });
    expect((await get()).status).toBe(429);
  });
});
