import { beforeAll, describe, expect, it } from 'vitest';
import { policyYaml } from '../support/operation-context.js';
import { at, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
beforeAll(async () => {
  graphql = await graphqlApp();
  const save = (name: string, spec: string) =>
    graphql.run(`mutation ($manifest: String!) { savePolicy(input: { manifest: $manifest }) { outcome } }`, {
      manifest: policyYaml(name, spec),
    });
  await save('users', 'hostPorts: [{min: 1, max: 10}, {min: 11, max: 20}]');
  await save('users', 'hostPorts: [{min: 1, max: 20}]');
  await save('users', 'hostPorts: [{min: 2, max: 21}]');
  await save('open', 'privileged: true');
});

const FIELDS = 'from to verdict changes { field before after effect witness counterWitness }';

describe('PolicyVersion.diff', () => {
  it('compares each version of a history with the one before', async () => {
    const answer = await graphql.run(
      `{ policy(name: "users") { versions(first: 5) { nodes { number diff { ${FIELDS} } } } } }`,
    );
    expect(at(answer, 'policy', 'versions', 'nodes')).toMatchObject([
      {
        number: 3,
        diff: {
          from: 2,
          to: 3,
          verdict: 'MIXED',
          changes: [
            {
              field: 'spec.hostPorts',
              before: [{ min: 1, max: 20 }],
              after: [{ min: 2, max: 21 }],
              effect: 'CHANGES',
              witness: { kind: 'Pod' },
              counterWitness: { kind: 'Pod' },
            },
          ],
        },
      },
      { number: 2, diff: { from: 1, to: 2, verdict: 'EQUIVALENT', changes: [] } },
      { number: 1, diff: null },
    ]);
  });

  it('compares with a version of one’s choice; with one that is not there it is null', async () => {
    const answer = await graphql.run(
      `{ policy(name: "users") { latest { first: diff(from: 1) { from to } none: diff(from: 9) { from } } } }`,
    );
    expect(at(answer, 'policy', 'latest')).toEqual({ first: { from: 1, to: 3 }, none: null });
  });
});

describe('Query.policyDiff', () => {
  it('compares versions of two policies', async () => {
    const answer = await graphql.run(
      `{ policyDiff(from: { policy: "users", version: 1 }, to: { policy: "open" }) { from to verdict changes { field effect } } }`,
    );
    expect(at(answer, 'policyDiff')).toEqual({
      from: 1,
      to: 1,
      verdict: 'MIXED',
      changes: [
        { field: 'spec.privileged', effect: 'LOOSENS' },
        { field: 'spec.hostPorts', effect: 'TIGHTENS' },
      ],
    });
  });

  it('is null for a policy that is not there', async () => {
    const answer = await graphql.run(
      `{ policyDiff(from: { policy: "nobody" }, to: { policy: "open" }) { verdict } }`,
    );
    expect(answer).toMatchObject({ data: { policyDiff: null } });
    expect(answer).not.toHaveProperty('errors');
  });
});
