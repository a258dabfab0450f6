import { Router } from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { negotiate, requestMediaType } from '../../src/http/media-type.js';
import { PodgateError } from '../../src/model/errors.js';
import { harness } from './harness.js';

const routes = Router();
routes.get('/things/:name', (req, res) => void res.json({ name: req.params.name }));
routes.get('/unexpected', () => {
  throw new Error('password=hunter2 at 10.0.0.1');
});
routes.get('/rejected', () => Promise.reject(new Error('hidden')));
routes.get('/unavailable', () => {
  throw new PodgateError('UNAVAILABLE', 'The database cannot be reached', { retryAfterSeconds: 5 });
});
routes.get('/begun', (_req, res) => {
  res.write('half an ans');
  throw new Error('too late');
});
routes.get(
  '/negotiated',
  (req, res) => void res.type(negotiate(req, ['application/json', 'application/yaml'])).end(),
);
routes.post(
  '/typed',
  (req, res) => void res.end(requestMediaType(req, ['application/json', 'application/yaml'])),
);

const { app, lines } = harness(routes);

describe('every response', () => {
  it('bears a request id of its own', async () => {
    const [first, second] = [await request(app).get('/things/a'), await request(app).get('/things/a')];
    expect(first.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
  });

  it.each([
    ['takes over a sane id', 'ci-run_42.7', true],
    ['replaces one with characters that could harm a log', 'a b', false],
    ['replaces one that is too long', 'x'.repeat(129), false],
  ])('%s', async (_name, id, kept) => {
    const response = await request(app).get('/nowhere').set('X-Request-Id', id);
    expect(response.headers['x-request-id'] === id).toBe(kept);
    expect(response.body.instance).toBe(`urn:podgate:request:${response.headers['x-request-id']}`);
  });

  it('keeps browsers from making anything of it', async () => {
    const { headers } = await request(app).get('/things/a');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('failures', () => {
  it.each([
    ['a path that nothing serves', '/nowhere', 404, 'There is nothing at "/nowhere"'],
    ['broken percent-encoding', '/things/%zz', 400, 'The path has broken percent-encoding'],
    ['percent-encoding that is no UTF-8', '/things/%ff', 400, 'The path has broken percent-encoding'],
    ['a NUL in the path', '/things/a%00b', 400, 'The URL contains a NUL character (%00)'],
    ['a NUL in the query', '/things/a?x=%00', 400, 'The URL contains a NUL character (%00)'],
  ])('%s', async (_name, path, status, detail) => {
    const response = await request(app).get(path);
    expect(response.status).toBe(status);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({ status, detail });
  });

  it.each(['/unexpected', '/rejected'])('what nobody foresaw at %s shows nothing of itself', async (path) => {
    const response = await request(app).get(path);
    expect(response.status).toBe(500);
    expect(response.body).toMatchObject({
      type: 'urn:podgate:problem:internal',
      title: 'Podgate failed to answer',
    });
    expect(response.text).not.toMatch(/hunter2|hidden|10\.0/);
    const logged = lines().find((line) => line['requestId'] === response.headers['x-request-id']);
    expect(logged).toMatchObject({
      level: 'error',
      msg: 'request failed unexpectedly',
      err: { type: 'Error' },
    });
  });

  it('tells when to come back', async () => {
    const response = await request(app).get('/unavailable');
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
  });

  it('cuts off an answer that had begun', async () => {
    await expect(request(app).get('/begun')).rejects.toThrow(/aborted|hang up/);
  });
});

describe('negotiation of the answer', () => {
  it.each([
    ['no Accept gives the first', undefined, 200, 'application/json'],
    ['any gives the first', '*/*', 200, 'application/json'],
    ['the other one when asked for', 'application/yaml', 200, 'application/yaml'],
    ['qualities count', 'application/json;q=0.1, application/yaml', 200, 'application/yaml'],
    ['none of them', 'image/png', 406, 'application/problem+json'],
    ['nonsense', 'x', 406, 'application/problem+json'],
  ])('%s', async (_name, accept, status, type) => {
    const pending = request(app).get('/negotiated');
    const response = await (accept === undefined ? pending.unset('Accept') : pending.set('Accept', accept));
    expect([response.status, response.type]).toEqual([status, type]);
  });
});

describe('the type of the body', () => {
  it.each([
    ['application/json', 200],
    ['Application/JSON; charset=UTF-8', 200],
    ['application/yaml;charset="utf-8"', 200],
    ['application/json; charset=latin1', 415],
    ['text/plain', 415],
    ['', 415],
    [';;;', 415],
  ])('%j is answered with %i', async (type, status) => {
    const response = await request(app).post('/typed').set('Content-Type', type).send('x');
    expect(response.status).toBe(status);
  });
});
