import type { RequestHandler } from 'express';
import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../src/http/in-order.js';

const mark =
  (name: string): RequestHandler =>
  (_request, response, next) => {
    response.append('X-Passed', name);
    next();
  };
const answer: RequestHandler = (_request, response) => void response.end();
const fail: RequestHandler = () => {
  throw new Error('thrown');
};
const giveUp: RequestHandler = (_request, _response, next) => next(new Error('given up'));

function appOf(...handlers: readonly RequestHandler[]) {
  const app = express();
  app.use(inOrder(...handlers), mark('after'), answer);
  const failed: express.ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(500).end(String(error));
  };
  return app.use(failed);
}

describe('handlers in order', () => {
  it.each([
    ['none', [], 'after'],
    ['one', [mark('a')], 'a, after'],
    ['several', [mark('a'), mark('b'), mark('c')], 'a, b, c, after'],
    ['the one that answers ends it', [mark('a'), answer, mark('b')], 'a'],
  ])('%s', async (_name, handlers, passed) => {
    const response = await request(appOf(...handlers)).get('/');
    expect([response.status, response.headers['x-passed']]).toEqual([200, passed]);
  });

  it.each([
    ['what one throws', fail, 'Error: thrown'],
    ['what one passes on', giveUp, 'Error: given up'],
  ])('%s is the failure of the request, and none comes after it', async (_name, failing, text) => {
    const response = await request(appOf(mark('a'), failing, mark('b'))).get('/');
    expect([response.status, response.text, response.headers['x-passed']]).toEqual([500, text, 'a']);
  });
});
