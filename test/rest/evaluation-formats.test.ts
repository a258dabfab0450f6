import { beforeAll, describe, expect, it } from 'vitest';
import { podYaml } from '../support/operation-context.js';
import { type Client, policy, testApp } from './app.js';

let admin: Client;

beforeAll(async () => {
  ({ admin } = await testApp());
  await admin.put('/v1/clusters/prod').send({});
  await admin.put('/v1/policies/open').send(policy('open'));
  await admin.put('/v1/clusters/prod/assignments/open').send({});
});

const GOOD = podYaml('good');
const BAD = podYaml('bad', 'hostNetwork: true');
const TYPES = ['application/json', 'application/sarif+json', 'application/junit+xml', 'text/plain'];

async function evaluate(accept: string, body: string, query: Readonly<Record<string, string>> = {}) {
  return admin
    .post('/v1/clusters/prod/evaluate')
    .query(query)
    .set({ Accept: accept, 'Content-Type': 'application/yaml' })
    .buffer(true)
    .parse((response, done) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => done(null, text));
    })
    .send(body);
}

/** What the answer says of the denied pods, whatever its format. */
function deniedIn(type: string, text: string): number {
  switch (type) {
    case 'application/json':
      return JSON.parse(text).summary.denied;
    case 'application/sarif+json':
      return JSON.parse(text).runs[0].results.length;
    case 'application/junit+xml':
      return text.split('<failure ').length - 1;
    default:
      return text.split('\n').filter((line) => line.startsWith('  denied ')).length;
  }
}

describe('an evaluation in other formats', () => {
  it.each(TYPES)('has the same verdict as %s', async (type) => {
    const answers = [await evaluate(type, `${GOOD}---\n${BAD}`), await evaluate(type, GOOD)];
    expect(answers.map(({ status, type: answered }) => [status, answered])).toEqual([
      [200, type],
      [200, type],
    ]);
    expect(answers.map(({ body }) => deniedIn(type, body))).toEqual([1, 0]);
  });

  it.each(TYPES)('is given to a client that names the charset of %s', async (type) => {
    const { status, type: answered } = await evaluate(`${type}; charset=UTF-8`, GOOD);
    expect([status, answered]).toEqual([200, type]);
    expect((await evaluate(`${type}; charset=latin1`, GOOD)).status).toBe(406);
  });

  it.each(TYPES)('has status 422 for a denial on request as %s', async (type) => {
    const { status, body } = await evaluate(type, BAD, { fail: 'denied' });
    expect([status, deniedIn(type, body)]).toEqual([422, 1]);
    expect((await evaluate(type, GOOD, { fail: 'denied' })).status).toBe(200);
  });

  it('bears the name of the file that the query gives, and the place in the body', async () => {
    const { body } = await evaluate('application/sarif+json', BAD, { file: 'deploy/bad.yaml' });
    const [{ physicalLocation }] = JSON.parse(body).runs[0].results[0].locations;
    expect(physicalLocation).toEqual({
      artifactLocation: { uri: 'deploy/bad.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 6, startColumn: 3 },
    });
    const unnamed = await evaluate('application/junit+xml', BAD);
    expect(unnamed.body).toContain('<testsuite name="manifests.yaml"');
  });

  it('is JSON where the client has no preference', async () => {
    expect((await evaluate('*/*', GOOD)).type).toBe('application/json');
  });

  it.each(TYPES)('tells a problem as a problem document also to a client that wants %s', async (type) => {
    const { status, type: answered, body } = await evaluate(type, 'a: [1');
    expect([status, answered]).toEqual([400, 'application/problem+json']);
    expect(JSON.parse(body).errors[0]).toMatchObject({ line: 1 });
  });

  it('gives the first answer again in whatever format it is asked for', async () => {
    const ask = async (type: string) =>
      admin
        .post('/v1/clusters/prod/evaluate')
        .set({ Accept: type, 'Content-Type': 'application/yaml', 'Idempotency-Key': 'formats-1' })
        .send(BAD);
    const first = await ask('application/json');
    const again = await ask('text/plain');
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.body.summary.denied).toBe(1);
    expect(again.text).toContain('0 admitted, 1 denied');
  });

  it('refuses a format that there is not', async () => {
    expect((await evaluate('application/pdf', GOOD)).status).toBe(406);
  });
});
