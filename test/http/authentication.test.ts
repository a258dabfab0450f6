import { Router } from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { authentication } from '../../src/http/authentication.js';
import { createFailedAttempts } from '../../src/http/failed-attempts.js';
import { principalOf } from '../../src/http/request-context.js';
import { PodgateError } from '../../src/model/errors.js';
import { harness } from './harness.js';

function guarded(limit: number) {
  let failures = 0;
  const routes = Router();
  routes.use(
    authentication({
      authenticate: async (header) => {
        if (header === 'Bearer good') return { actor: 'admin', tokenId: null, role: 'ADMIN', clusters: null };
        if (header === 'Bearer down') throw new PodgateError('UNAVAILABLE', 'no database');
        throw new PodgateError('UNAUTHENTICATED', 'The token is not valid');
      },
      failedAttempts: createFailedAttempts({ limit, windowSeconds: 60, capacity: 10, now: () => 0 }),
      onFailure: () => {
        failures += 1;
      },
    }),
  );
  routes.get('/', (req, res) => void res.json(principalOf(req)));
  const get = (authorization?: string) => {
    const pending = request(harnessed.app).get('/');
    return authorization === undefined ? pending : pending.set('Authorization', authorization);
  };
  const harnessed = harness(routes);
  return { get, lines: harnessed.lines, failures: () => failures };
}

describe('authentication', () => {
  it('lets a good token pass and tells who asks', async () => {
    const { get, lines } = guarded(5);
    const response = await get('Bearer good');
    expect(response.body).toMatchObject({ actor: 'admin', role: 'ADMIN' });
    expect(lines().at(-1)).toMatchObject({ actor: 'admin', status: 200 });
  });

  it('answers a wrong token with 401 and how to authenticate', async () => {
    const response = await guarded(5).get('Bearer wrong');
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="podgate"');
    expect(response.body.type).toBe('urn:podgate:problem:unauthenticated');
  });

  it('answers 429 after too many wrong tokens, while good ones and none at all go on as before', async () => {
    const { get, failures } = guarded(2);
    expect((await get('Bearer wrong')).status).toBe(401);
    expect((await get('Bearer wrong')).status).toBe(401);
    const limited = await get('Bearer wrong');
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '60']);
    expect((await get('Bearer good')).status).toBe(200);
    expect((await get()).status).toBe(401);
    expect(failures()).toBe(3);
  });

  it.each([
    ['Bearer podgate_0123456789abcdef0123456789', 'token of Podgate'],
    ['Bearer eyJhbGciOiJub25lIn0.e30.x', 'JWT'],
    ['Bearer my-secret-of-elsewhere', 'something else'],
    ['my-secret-of-elsewhere', 'something else'],
    ['Basic bXktc2VjcmV0', 'something else'],
  ])(
    'writes the address of a wrong token to the log, and nothing of the token: %s',
    async (sent, presented) => {
      const { get, lines } = guarded(5);
      await get(sent);
      const line = lines().find(({ msg }) => msg === 'wrong token');
      expect(line).toMatchObject({
        level: 'warn',
        address: expect.stringContaining('127.0.0.1'),
        presented,
        requestId: expect.any(String),
      });
      const [, secret = sent] = sent.split(' ');
      expect(JSON.stringify(lines())).not.toContain(secret);
    },
  );

  it('does not let a flood of them fill the log', async () => {
    const { get, lines } = guarded(2);
    for (let round = 0; round < 6; round += 1) await get('Bearer wrong');
    const told = lines()
      .map(({ msg }) => msg)
      .filter((msg) => String(msg).includes('wrong token'));
    expect(told).toEqual([
      'wrong token',
      'wrong token',
      'too many wrong tokens: the address is refused for a while',
    ]);
  });

  it('does not count what is not the fault of the token', async () => {
    const { get, failures } = guarded(0);
    expect((await get('Bearer down')).status).toBe(503);
    expect(failures()).toBe(0);
  });
});

describe('the count of failed attempts', () => {
  it('begins anew after its window', () => {
    let now = 0;
    const attempts = createFailedAttempts({ limit: 1, windowSeconds: 10, capacity: 10, now: () => now });
    expect(attempts.count('10.0.0.1').tooMany).toBeNull();
    now = 4_500;
    const { tooMany } = attempts.count('10.0.0.1');
    expect(tooMany).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfterSeconds: 6 });
    now = 10_000;
    expect(attempts.count('10.0.0.1').tooMany).toBeNull();
  });

  it('is kept apart per address, and per network for IPv6', () => {
    const attempts = createFailedAttempts({ limit: 1, windowSeconds: 10, capacity: 10, now: () => 0 });
    expect(attempts.count('10.0.0.1').tooMany).toBeNull();
    expect(attempts.count('10.0.0.2').tooMany).toBeNull();
    expect(attempts.count('2001:db8::1').tooMany).toBeNull();
    expect(attempts.count('2001:db8::2').tooMany).not.toBeNull();
  });

  it('forgets the oldest address when there are too many', () => {
    const attempts = createFailedAttempts({ limit: 1, windowSeconds: 10, capacity: 2, now: () => 0 });
    for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) attempts.count(address);
    expect(attempts.count('10.0.0.3').tooMany).not.toBeNull();
    expect(attempts.count('10.0.0.1').tooMany).toBeNull();
  });
});
