import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { cors } from '../../src/http/cors.js';
import { harness } from './harness.js';

const ORIGIN = 'https://dashboard.example.com';
const PREFLIGHT = {
  'Access-Control-Request-Method': 'PUT',
  'Access-Control-Request-Headers': 'authorization',
};

function appWith(origins: readonly string[]) {
  const { app } = harness((req, res, next) => {
    cors(origins)(req, res, () => (req.path === '/' ? void res.json({ served: true }) : next()));
  });
  return request(app);
}

/** The headers of CORS in an answer. */
function corsHeaders(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
}

describe('CORS', () => {
  it('lets a page of a configured origin read the answer, and the headers that it needs', async () => {
    const answer = await appWith([ORIGIN]).get('/').set('Origin', ORIGIN);
    expect(answer.body).toEqual({ served: true });
    expect(answer.headers['vary']).toContain('Origin');
    expect(corsHeaders(answer.headers)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers':
        'ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id',
    });
  });

  it('answers a preflight without asking anything further', async () => {
    const answer = await appWith([ORIGIN]).options('/nothing').set('Origin', ORIGIN).set(PREFLIGHT);
    expect(answer.status).toBe(204);
    expect(corsHeaders(answer.headers)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type, If-Match, Idempotency-Key, X-Request-Id',
      'access-control-max-age': '600',
    });
  });

  it('shows the page of a configured origin also what was refused', async () => {
    const answer = await appWith([ORIGIN]).get('/nothing').set('Origin', ORIGIN);
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([404, ORIGIN]);
  });

  it.each([
    ['nothing is configured', [], ORIGIN],
    ['another host', [ORIGIN], 'https://evil.example.com'],
    ['another scheme', [ORIGIN], 'http://dashboard.example.com'],
    ['another port', [ORIGIN], `${ORIGIN}:8443`],
    ['a name that begins with it', [ORIGIN], `${ORIGIN}.evil.example`],
    ["no origin of one's own", [ORIGIN], 'null'],
  ])('says nothing where there is %s', async (_name, origins, origin) => {
    const page = await appWith(origins).get('/').set('Origin', origin);
    const preflight = await appWith(origins).options('/nothing').set('Origin', origin).set(PREFLIGHT);
    expect(page.status).toBe(200);
    expect([corsHeaders(page.headers), corsHeaders(preflight.headers)]).toEqual([{}, {}]);
  });

  it('never allows credentials or any origin', async () => {
    for (const method of ['get', 'options'] as const) {
      const { headers } = await appWith([ORIGIN])[method]('/').set('Origin', ORIGIN).set(PREFLIGHT);
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBe(ORIGIN);
    }
  });
});
