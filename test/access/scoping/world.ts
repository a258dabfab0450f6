import { expect } from 'vitest';
import { pod, policy, testApp } from '../../rest/app.js';

/** Everything of cluster `bravo` has this in its name, its messages or its values: it may not be seen from elsewhere. */
export const CANARY = 'bravo';

/** A Podgate with two clusters, `alfa` and `bravo`, with the same kinds of things in both, and tokens that see `alfa`. */
export async function world() {
  const app = await testApp();
  const alfa = await fill(app.admin, 'alfa', false);
  const bravo = await fill(app.admin, CANARY, true);
  // A policy that both clusters use is seen in both; where else it is assigned is not.
  await app.admin.put('/v1/policies/shared').send(policy('shared'));
  for (const name of ['alfa', CANARY])
    await app.admin.put(`/v1/clusters/${name}/assignments/shared`).send({});
  const token = async (role: string): Promise<string> => {
    const made = await app.admin.post('/v1/tokens').send({ name: `alfa-${role}`, role, clusters: ['alfa'] });
    expect(made.status, made.text).toBe(201);
    return made.body.token;
  };
  const tokens = {
    ADMIN: await token('ADMIN'),
    EDITOR: await token('EDITOR'),
    EVALUATOR: await token('EVALUATOR'),
    VIEWER: await token('VIEWER'),
  };
  /** What an answer gives away of `bravo`. */
  const leaks = (text: string) =>
    [CANARY, ...Object.values(bravo)].filter((secret) => text.toLowerCase().includes(secret));
  return { ...app, alfa, bravo, tokens, leaks };
}

/** What is in a cluster, by its kind; the values are ids. */
export type Filled = Readonly<
  Record<'cluster' | 'policy' | 'version' | 'assignment' | 'podSpec' | 'decision', string>
>;

async function fill(
  admin: Awaited<ReturnType<typeof testApp>>['admin'],
  name: string,
  twice: boolean,
): Promise<Filled> {
  await admin.put(`/v1/clusters/${name}`).send({ displayName: `the ${name} cluster` });
  await admin
    .put(`/v1/policies/${name}`)
    .query({ message: `for ${name}` })
    .send(policy(name, { hostPID: false }));
  if (twice) await admin.put(`/v1/policies/${name}`).send(policy(name, { hostPID: true }));
  await admin.put(`/v1/clusters/${name}/assignments/${name}`).send({ namespaces: [name] });
  await admin.put(`/v1/clusters/${name}/pod-specs/${name}/Pod/${name}`).send(pod(name));
  await admin.post(`/v1/clusters/${name}/evaluate`).query({ namespace: name }).send(pod(name));
  await admin.post('/v1/tokens').send({ name: `of-${name}`, role: 'EVALUATOR', clusters: [name] });
  const answer = await admin.post('/graphql').send({
    query: `{ cluster(name: "${name}") { id assignments { id policy { id latest { id } } }
      podSpecs(first: 1) { nodes { id } } decisions(first: 1) { nodes { id } } } }`,
  });
  const { cluster } = answer.body.data;
  const [assignment] = cluster.assignments;
  return {
    cluster: cluster.id,
    policy: assignment.policy.id,
    version: assignment.policy.latest.id,
    assignment: assignment.id,
    podSpec: cluster.podSpecs.nodes[0].id,
    decision: cluster.decisions.nodes[0].id,
  };
}
