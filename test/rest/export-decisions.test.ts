import type { Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import { csvRow } from '../../src/rest/csv.js';
import { pod, policy, testApp } from './app.js';

const { admin, as } = await testApp();
await admin.put('/v1/clusters/prod').send({});
await admin.put('/v1/clusters/other').send({});
await admin.put('/v1/policies/modest').send(policy('modest'));
await admin.put('/v1/clusters/prod/assignments/modest').send({});
const EVALUATED = 1_100;
const items = Array.from({ length: EVALUATED }, (_, index) =>
  pod(`pod-${index}`, index % 2 ? { hostPID: true } : {}),
);
await admin.post('/v1/clusters/prod/evaluate').send({ apiVersion: 'v1', kind: 'List', items });

const get = (query: string, accept = '*/*') =>
  admin.get(`/v1/clusters/prod/decisions/export${query}`).set('Accept', accept).buffer(true).parse(asText);

/** Collects a body of whatever type. */
function asText(response: Response, done: (error: Error | null, text: unknown) => void): void {
  // It is the response as Node receives it, which superagent's types don't say.
  const received = response as unknown as NodeJS.ReadableStream;
  let text = '';
  received.on('data', (chunk: Buffer) => (text += chunk.toString()));
  received.on('end', () => done(null, text));
}

describe('the export of decisions', () => {
  it('gives every decision as a line of JSON, as it is on its own', async () => {
    const { status, headers, body } = await get('?order=oldest');
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    const lines = (body as string)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ sequence }) => Number(sequence))).toEqual(items.map((_, index) => index + 1));
    expect((await admin.get(`/v1/decisions/${lines[1].id}`)).body).toEqual(lines[1]);
  });

  it('takes the filter of the list', async () => {
    const { body } = await get('?control=hostPID&name=pod-3');
    expect(
      (body as string)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).object.name),
    ).toEqual(['pod-3']);
    expect((await get('?version=1')).status).toBe(422);
  });

  it('gives CSV with a heading where it is asked for', async () => {
    const { headers, body } = await get('?order=oldest', 'text/csv');
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    const lines = (body as string).split('\r\n');
    expect(lines).toHaveLength(EVALUATED + 2);
    expect(lines[0]).toMatch(/^id,cluster,sequence,decidedAt,/);
    expect(lines[2]).toMatch(/,pod-1,false,NO_POLICY_SATISFIED,,,hostPID,/);
  });

  it.each([
    [
      'the controls that spoke against a denied pod, sorted',
      'host',
      { hostPID: true },
      'hostNetwork hostPID',
    ],
    ['none of an admitted pod, which a policy before would have denied', 'network', {}, ''],
  ])('gives in CSV %s', async (_, name, spec, controls) => {
    await admin.put('/v1/policies/network').send(policy('network', { hostNetwork: true }));
    for (const each of ['modest', 'network'])
      await admin.put(`/v1/clusters/other/assignments/${each}`).send({});
    await admin.post('/v1/clusters/other/evaluate').send(pod(name, { hostNetwork: true, ...spec }));
    const path = `/v1/clusters/other/decisions/export?name=${name}`;
    const { body } = await admin.get(path).set('Accept', 'text/csv').buffer(true).parse(asText);
    const [heading, row] = (body as string).split('\r\n').map((line) => line.split(','));
    expect(row?.[heading?.indexOf('controls') ?? -1]).toBe(controls);
  });

  it('gives those who evaluate only what they asked for, and others nothing of a cluster that is not theirs', async () => {
    const token = async (body: object) => (await admin.post('/v1/tokens').send(body)).body.token as string;
    const path = '/v1/clusters/prod/decisions/export';
    const evaluator = await as(await token({ name: 'ci', role: 'EVALUATOR' }))
      .get(path)
      .buffer(true)
      .parse(asText);
    expect([evaluator.status, evaluator.body]).toEqual([200, '']);
    const elsewhere = await as(await token({ name: 'elsewhere', role: 'VIEWER', clusters: ['other'] })).get(
      path,
    );
    expect(elsewhere.status).toBe(404);
  });
});

describe('the export with proof', () => {
  const linesOf = (body: unknown) =>
    (body as string)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('has the lines of the plain one, each with its proof, and others between them', async () => {
    const { status, headers, body } = await get('?proof=true');
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    const lines = linesOf(body);
    const plain = linesOf((await get('?order=oldest')).body);
    const decisions = lines.filter(({ id }) => id !== undefined);
    expect(decisions).toEqual(plain.map((each) => ({ ...each, proof: expect.anything() })));
    const versions = decisions.map(({ proof }) => typeof proof.policyVersionId);
    expect(new Set(versions)).toEqual(new Set(['string', 'object']));
    const [head, checkpoint] = lines;
    expect(head.log).toMatchObject({ format: 'podgate decision log 1', cluster: 'prod' });
    expect(head.log.end.sequence).toBe(String(EVALUATED));
    expect(checkpoint.checkpoint).toMatchObject({ kind: 'HEAD', sequence: String(EVALUATED) });
    expect(lines.at(-1).batch).toMatchObject({
      lastSequence: String(EVALUATED),
      digest: head.log.end.digest,
    });
  });

  it.each([
    ['proof=true&name=pod-3', 'name'],
    ['proof=true&order=newest', 'order'],
    ['proof=yes', 'proof'],
  ])('refuses what would prove nothing: %s', async (query, field) => {
    const response = await get(`?${query}`, 'application/problem+json, */*');
    expect(response.status).toBe(422);
    expect(JSON.parse(response.body as string).errors).toEqual([expect.objectContaining({ field })]);
  });

  it('is no CSV, and not for those who evaluate', async () => {
    expect((await get('?proof=true', 'text/csv')).status).toBe(422);
    const { body } = await admin.post('/v1/tokens').send({ name: 'proof', role: 'EVALUATOR' });
    const path = '/v1/clusters/prod/decisions/export?proof=true';
    expect((await as(body.token).get(path)).status).toBe(403);
  });
});

describe('a row of CSV', () => {
  it.each<[string, (string | number | null)[], string]>([
    ['quotes what needs it', ['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"\r\n'],
    ['leaves null empty', [null, 1, ''], ',1,\r\n'],
    ['keeps spreadsheets from running what looks like a formula', ['=1+1', '@x', '-1'], "'=1+1,'@x,'-1\r\n"],
  ])('%s', (_, cells, row) => {
    expect(csvRow(cells)).toBe(row);
  });
});
