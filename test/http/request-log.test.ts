import { Router } from 'express';
import request from 'supertest';
import { expect, it } from 'vitest';
import { PodgateError } from '../../src/model/errors.js';
import { requestContext } from '../../src/http/request-context.js';
import { harness } from './harness.js';

it('a request leaves one line without its query, and one measurement under its route', async () => {
  const routes = Router();
  routes.get('/v1/clusters/:cluster', (req, res) => {
    requestContext(req).route = '/v1/clusters/{cluster}';
    res.json({});
  });
  const { app, lines, metrics } = harness(routes);
  await request(app).get('/v1/clusters/prod?user=alice');
  await request(app).get('/elsewhere');
  expect(lines()).toMatchObject([
    {
      level: 'info',
      msg: 'request',
      method: 'GET',
      path: '/v1/clusters/prod',
      route: '/v1/clusters/{cluster}',
      status: 200,
      actor: null,
    },
    { path: '/elsewhere', route: 'unmatched', status: 404 },
  ]);
  expect(JSON.stringify(lines())).not.toContain('alice');
  const text = await metrics.render();
  expect(text).toContain(
    'podgate_http_requests_total{method="GET",route="/v1/clusters/{cluster}",status="200"} 1',
  );
  expect(text).toContain('podgate_http_requests_total{method="GET",route="unmatched",status="404"} 1');
});

it('of a long path there is the beginning, and nothing of a secret that the end of it cuts', async () => {
  const { app, lines } = harness(Router());
  const beginning = `/${'long-'.repeat(400)}`;
  await request(app).get(`${beginning}/db://u:s3cret${'y'.repeat(3_000)}@host/${'z'.repeat(3_000)}`);
  const path = `${beginning}/db://u:[masked]@host/zzzz`;
  expect(lines()).toMatchObject([{ path: expect.stringMatching(/^.{2048}…$/) }]);
  expect(String(lines()[0]?.['path']).startsWith(path)).toBe(true);
});

it('a failure that is the answer to many is told once with its cause, and no line of it is an error', async () => {
  const failure = new PodgateError('UNAVAILABLE', 'away', { cause: new Error('refused') });
  const { app, lines } = harness(() => {
    throw failure;
  });
  for (let time = 0; time < 3; time += 1) await request(app).get('/');
  const told = lines().map(({ level, msg }) => [level, msg]);
  expect(told.filter(([, msg]) => msg === 'request could not be served')).toEqual([
    ['warn', 'request could not be served'],
  ]);
  const requests = told.filter(([, msg]) => msg === 'request');
  expect(requests.map(([level]) => level)).toEqual(['warn', 'warn', 'warn']);
});
