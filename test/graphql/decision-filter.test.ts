import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isInputObjectType } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { FILTERED, givenFilteredDecisions } from '../support/filtered-decisions.js';
import { contextOf } from '../support/operation-context.js';
import { at, type GraphqlApp, graphqlApp } from './app.js';

let run: GraphqlApp['run'];
beforeAll(async () => {
  const graphql = await graphqlApp();
  ({ run } = graphql);
  await givenFilteredDecisions(contextOf(graphql.services));
  await run('mutation { saveCluster(input: { name: "other" }) { created } }');
});

describe('the filter of decisions', () => {
  test('is tried with each of its members', () => {
    const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema.graphql'), 'utf8'));
    const type = schema.getType('DecisionFilter');
    const members = isInputObjectType(type) ? Object.keys(type.getFields()) : [];
    const tried = new Set(FILTERED.flatMap(([filter]) => Object.keys(filter)));
    expect([...tried].sort()).toEqual(members.sort());
  });

  test.each(FILTERED)('%j lets through %j, of one cluster and of several', async (filter, names) => {
    const decisions = 'decisions(first: 100, order: OLDEST, filter: $filter) { nodes { object { name } } }';
    const answer = await run(
      `query ($filter: DecisionFilter) { cluster(name: "filtered") { ${decisions} } clusters(first: 2) { nodes { name ${decisions} } } }`,
      { filter },
    );
    const expected = names.map((name) => ({ object: { name } }));
    expect(at(answer, 'cluster', 'decisions', 'nodes')).toEqual(expected);
    expect(at(answer, 'clusters', 'nodes')).toEqual([
      { name: 'other', decisions: { nodes: [] } },
      { name: 'filtered', decisions: { nodes: expected } },
    ]);
  });
});
