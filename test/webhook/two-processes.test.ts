import { Agent } from 'node:https';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { applyPatch } from '../../src/engine/index.js';
import { call } from '../failures/load.js';
import { serve } from '../process/served.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { policyYaml } from '../support/operation-context.js';
import { admissionPod, patchOf, podReview } from './webhook-app.js';
import { AUTHORITY, postReview, webhookSettings } from './webhook-process.js';

interface Server {
  readonly base: string;
  readonly webhook: string;
}

/** Servers behind one Service, each a process with its own data folder. */
async function givenServers(databaseUrl: string): Promise<readonly [Server, Server]> {
  const start = async (): Promise<Server> => {
    const settings = await webhookSettings(databaseUrl);
    const served = serve({ ...settings, PODGATE_WEBHOOK_PORT: '0' });
    const base = await served.ready;
    const said = /^podgate webhook listening on (\S+)$/m;
    await vi.waitUntil(() => said.test(served.stdout()));
    return { base, webhook: said.exec(served.stdout())?.[1] ?? '' };
  };
  return [await start(), await start()];
}

/** A cluster whose policy fills in; gives the secret of its webhook. */
async function prepare({ base }: Server): Promise<string> {
  await call('PUT', `${base}/v1/clusters/prod`, {});
  const filling = policyYaml('filling', 'runAsUser: { rule: MustRunAs, ranges: [{ min: 5, max: 5 }] }');
  await call('PUT', `${base}/v1/policies/filling`, filling);
  expect((await call('PUT', `${base}/v1/clusters/prod/assignments/filling`, {}))?.status).toBe(201);
  const made = await call('POST', `${base}/v1/clusters/prod/webhook-secrets`, {});
  return String(Object(made?.body).secret);
}

test('a validation at one process is tied to the mutation at another, and the creation counts once', async () => {
  const databaseUrl = await createDatabase(inject('templateDatabase'));
  onTestFinished(() => dropDatabase(databaseUrl));
  const [one, other] = await givenServers(databaseUrl);
  const secret = await prepare(one);
  const agent = new Agent({ keepAlive: true, ca: AUTHORITY });
  onTestFinished(() => agent.destroy());
  const ask = async ({ webhook }: Server, phase: 'mutate' | 'validate', pod: object) => {
    const url = `${webhook}/admission/prod/~${secret}/${phase}?timeout=10s`;
    const body = JSON.parse(await postReview(url, agent, JSON.stringify(podReview(pod))));
    expect(body.response.allowed).toBe(true);
    const id: string = body.response.auditAnnotations.decision;
    return { id, after: JSON.parse(JSON.stringify(applyPatch(pod, patchOf({ status: 200, body })))) };
  };

  // As a ReplicaSet makes them: nothing tells them apart, and half of them come to each process.
  const pod = admissionPod({}, { name: undefined, generateName: 'web-' });
  const ways = [
    [one, other],
    [other, one],
    [one, other],
    [other, one],
  ] as const;
  const mutated = await Promise.all(ways.map(async ([first]) => ask(first, 'mutate', pod)));
  const validated = await Promise.all(
    ways.map(async ([, second], index) => {
      const { after } = mutated[index] ?? { after: {} };
      const named = { ...after, metadata: { ...after.metadata, name: `web-${index}` } };
      return (await ask(second, 'validate', named)).id;
    }),
  );

  const tied = await Promise.all(
    validated.map(async (id) => Object(await call('GET', `${one.base}/v1/decisions/${id}`)).body),
  );
  expect(tied.map(({ admission }) => admission.phase)).toEqual(ways.map(() => 'VALIDATE'));
  expect(new Set(tied.map(({ admission }) => admission.mutateDecisionId))).toEqual(
    new Set(mutated.map(({ id }) => id)),
  );
  for (const { base } of [one, other]) {
    const log = await call('GET', `${base}/v1/clusters/prod/decisions?first=100`);
    expect(Object(log?.body).decisions).toHaveLength(8);
    const stats = await call('GET', `${base}/v1/clusters/prod/decisions/stats`);
    expect(stats?.body).toMatchObject({ admitted: 4, denied: 0 });
  }
}, 120_000);
