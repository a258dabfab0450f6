import { beforeAll, expect, test } from 'vitest';
import { givenFilteredDecisions } from '../support/filtered-decisions.js';
import { contextOf, podYaml, policyYaml } from '../support/operation-context.js';
import { at, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
beforeAll(async () => {
  graphql = await graphqlApp();
  const { run } = graphql;
  await run('mutation { saveCluster(input: { name: "prod", retention: 90 }) { created } }');
  await run('mutation ($m: String!) { savePolicy(input: { manifest: $m }) { outcome } }', {
    m: policyYaml('open'),
  });
  await run('mutation { assignPolicy(input: { cluster: "prod", policy: "open" }) { created } }');
  const manifests = [podYaml('good'), podYaml('bad', 'hostPID: true')].join('---\n');
  await run(
    'mutation ($m: String!) { evaluatePods(input: { cluster: "prod", manifests: $m }) { userErrors { message } } }',
    {
      m: manifests,
    },
  );
});

test('the statistics of a cluster count what was evaluated, with every interval', async () => {
  const answer = await graphql.run(`{ cluster(name: "prod") { retention decisionStats(interval: HOUR) {
    admitted denied interval since until intervals { startsAt admitted denied }
    topControls { control denied } topDeniedWorkloads { namespace kind name denied } policies { policy version admitted } } } }`);
  expect(at(answer, 'cluster', 'retention')).toBe(90);
  expect(at(answer, 'cluster', 'decisionStats')).toMatchObject({
    admitted: 1,
    denied: 1,
    topControls: [{ control: 'hostPID', denied: 1 }],
    topDeniedWorkloads: [{ namespace: 'default', kind: 'Pod', name: 'bad', denied: 1 }],
    policies: [{ policy: 'open', version: 1, admitted: 1 }],
  });
  const intervals = at(answer, 'cluster', 'decisionStats', 'intervals') as object[];
  expect(intervals.length).toBe(7 * 24 + 1);
  expect(intervals.at(-1)).toMatchObject({ admitted: 1, denied: 1 });
});

test('the statistics tell what ENFORCE would have refused, in a namespace or in all', async () => {
  await givenFilteredDecisions(contextOf(graphql.services));
  const answer = await graphql.run(`{ cluster(name: "filtered") {
    decisionStats(since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z") {
      all: wouldDeny { denied intervals { startsAt denied } namespaces { namespace denied } topControls { control denied }
        topWorkloads { namespace kind name denied } }
      none: wouldDeny(namespace: "default") { denied intervals { denied } namespaces { denied } } } } }`);
  expect(at(answer, 'cluster', 'decisionStats')).toEqual({
    all: {
      denied: 2,
      intervals: [{ startsAt: '2026-01-01T00:00:00.000Z', denied: 2 }],
      namespaces: [{ namespace: 'team-a', denied: 2 }],
      topControls: [{ control: 'hostNetwork', denied: 1 }],
      topWorkloads: ['audited', 'warned'].map((name) => ({
        namespace: 'team-a',
        kind: 'Pod',
        name,
        denied: 1,
      })),
    },
    none: { denied: 0, intervals: [{ denied: 0 }], namespaces: [] },
  });
});

test('the statistics refuse more intervals than they tell', async () => {
  const answer = await graphql.run(
    '{ cluster(name: "prod") { decisionStats(interval: HOUR, since: "2020-01-01T00:00:00Z") { denied } } }',
  );
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID' });
});

test('the verification of a log and the keys of its checkpoints can be read', async () => {
  const answer = await graphql.run(`{
    cluster(name: "prod") { verification { valid checked firstProblem { kind sequence decisionId message } } }
    signingKeys { keyId algorithm publicKey current } }`);
  expect(at(answer, 'cluster', 'verification')).toEqual({ valid: true, checked: 2, firstProblem: null });
  expect(at(answer, 'signingKeys')).toMatchObject([{ algorithm: 'Ed25519', current: true }]);
});

test('the verification names what is wrong', async () => {
  const client = await graphql.services.database.pool.connect();
  await client.query('SET session_replication_role = replica');
  await client.query(`UPDATE decisions SET reason = 'forged' WHERE sequence = 2`);
  client.release(true);
  const answer = await graphql.run(
    '{ cluster(name: "prod") { verification { valid checked firstProblem { kind sequence decisionId } } } }',
  );
  expect(at(answer, 'cluster', 'verification')).toMatchObject({
    valid: false,
    checked: 1,
    firstProblem: { kind: 'ALTERED', sequence: '2', decisionId: expect.any(String) },
  });
});
