import { describe, expect, it } from 'vitest';
import { databaseJobs } from '../../src/jobs/database-jobs.js';
import { inTransaction, readOnly } from '../../src/storage/transaction.js';
import { takeIdempotencyKey } from '../../src/storage/idempotency.js';
import { type Client, pod, policy, testApp } from './app.js';

const { admin, as, services } = await testApp();
for (const cluster of ['prod', 'other']) await admin.put(`/v1/clusters/${cluster}`).send({});
await admin
  .put('/v1/policies/p')
  .send(policy('p', { runAsUser: { rule: 'MustRunAs', ranges: [{ min: 5, max: 9 }] } }));
await admin.put('/v1/clusters/prod/assignments/p').send({});

const send = (key: string, body: object | string = pod('a'), query = '', client: Client = admin) =>
  client.post(`/v1/clusters/prod/evaluate${query}`).type('json').set('Idempotency-Key', key).send(body);

async function recorded(): Promise<number> {
  const { body } = await admin.get('/v1/clusters/prod/decisions?first=1');
  return Number(body.decisions[0]?.sequence ?? 0);
}

describe('the same request again', () => {
  it('gives the first answer byte for byte and records nothing', async () => {
    const body = JSON.stringify([pod('a'), pod('b', { hostPID: true, unknown: 1 })]).replace(
      ':1',
      ':9007199254740993',
    );
    const first = await send('a', body);
    const after = await recorded();
    const again = await send('a', body);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await recorded()).toBe(after);
  });

  it('gives it also after the policies have changed', async () => {
    const first = await send('b', pod('b'));
    await admin.put('/v1/clusters/prod/assignments/p').send({ namespaces: ['elsewhere'] });
    expect((await send('b', pod('b'))).text).toBe(first.text);
    await admin.put('/v1/clusters/prod/assignments/p').send({});
  });

  it('evaluates twins that arrive together once', async () => {
    const before = await recorded();
    const twins = await Promise.all(Array.from({ length: 8 }, () => send('twins', pod('t'))));
    expect(new Set(twins.map(({ text }) => text)).size).toBe(1);
    expect(await recorded()).toBe(before + 1);
  });

  it('works for what is denied with fail=denied, and for what is only tried', async () => {
    for (const query of ['?fail=denied', '?dryRun=true']) {
      const first = await send(`q${query}`, pod('d', { hostIPC: true }), query);
      const again = await send(`q${query}`, pod('d', { hostIPC: true }), query);
      expect([again.status, again.text]).toEqual([first.status, first.text]);
    }
  });

  it('is refused with another body or another query', async () => {
    await send('c', pod('a'));
    for (const other of [
      send('c', pod('b')),
      send('c', pod('a'), '?dryRun=true'),
      send('c', pod('a'), '?user=u'),
    ]) {
      const { status, body } = await other;
      expect([status, body.type]).toEqual([422, 'urn:podgate:problem:idempotency-key-reused']);
    }
  });

  it('is another one under another path or from another token', async () => {
    const first = await send('d');
    const elsewhere = await admin
      .post('/v1/clusters/other/evaluate')
      .set('Idempotency-Key', 'd')
      .send(pod('z'));
    expect(elsewhere.status).toBe(200);
    const { token } = (await admin.post('/v1/tokens').send({ name: 'ci', role: 'EVALUATOR' })).body;
    const others = await send('d', pod('y'), '', as(token));
    expect([others.status, others.text === first.text]).toEqual([200, false]);
  });

  it('is carried out where the first one failed', async () => {
    expect((await send('e', { kind: 'Pod' })).status).toBe(422);
    expect((await send('e', pod('a'))).status).toBe(200);
  });

  it.each(['', 'a b', 'x'.repeat(256), 'é'])('needs a proper key, not %j', async (key) => {
    const response = await send(encodeURI(key) === key ? key : 'a\u00e9', pod('a'));
    expect([response.status, response.body.errors?.[0]?.field]).toEqual([422, 'Idempotency-Key']);
  });
});

describe('a first request that died with its process', () => {
  const key = (name: string) => ({ actor: 'admin', path: '/v1/clusters/prod/evaluate', key: name });

  it('is carried out anew when nothing more is to be expected of it', async () => {
    const first = await send('dead', pod('a'));
    const { requestHash } = await readOnly(services.database).idempotencyKey.findFirstOrThrow({
      where: key('dead'),
    });
    await inTransaction(services.database, async (tx) => {
      await tx.idempotencyKey.deleteMany({ where: key('dead') });
      await takeIdempotencyKey(tx, key('dead'), requestHash, 86_400_000);
      const createdAt = new Date(Date.now() - 60_000);
      await tx.idempotencyKey.updateMany({ where: key('dead'), data: { createdAt } });
    });
    const again = await send('dead', pod('a'));
    expect([again.status, again.text === first.text]).toEqual([200, false]);
  });

  it('gives its answer where its decisions were recorded, and is carried out anew where they were not', async () => {
    const first = await send('half', pod('a'));
    const old = { createdAt: new Date(Date.now() - 60_000) };
    const tx = readOnly(services.database);
    await tx.idempotencyKey.updateMany({ where: key('half'), data: old });
    expect((await send('half', pod('a'))).text).toBe(first.text);
    const unrecorded = first.text.replace(first.body.results[0].decisionId, services.newId());
    await tx.idempotencyKey.updateMany({ where: key('half'), data: { ...old, result: unrecorded } });
    const anew = await send('half', pod('a'));
    expect([anew.status, anew.headers['idempotency-replayed']]).toEqual([200, undefined]);
    expect(anew.text).not.toBe(unrecorded);
  });
});

describe('an answer', () => {
  const DAY = 86_400_000;
  const path = '/v1/clusters/old/evaluate';
  const keptFor = (milliseconds: number, count: number) =>
    readOnly(services.database).idempotencyKey.createMany({
      data: Array.from({ length: count }, (_, index) => ({
        actor: 'admin',
        path,
        key: `${milliseconds}-${index}`,
        requestHash: 'h',
        result: '{}',
        createdAt: new Date(Date.now() - milliseconds),
      })),
    });

  it('is kept for a day, and then removed, however many there are', async () => {
    await keptFor(DAY - 60_000, 1);
    await keptFor(DAY + 60_000, 2_100);
    const jobs = databaseJobs(services).filter(({ name }) => name === 'forget answers');
    for (const { run } of jobs) await run(new AbortController().signal);
    const kept = await readOnly(services.database).idempotencyKey.findMany({ where: { path } });
    expect(kept.map(({ key }) => key)).toEqual([`${DAY - 60_000}-0`]);
  });
});
