import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { operationCost } from '../../../src/graphql/limits/operation-cost.js';
import { createSchema } from '../../../src/graphql/schema.js';

const schema = createSchema();

function cost(text: string, variables: Record<string, unknown> = {}, name?: string): number {
  const document = parse(text);
  const operation = getOperationAST(document, name);
  if (operation === null || operation === undefined) throw new Error('the test names no operation');
  return operationCost(schema, document, operation, variables);
}

describe('the cost of an operation is the number of objects that its answer can hold', () => {
  test.each([
    ['one object', '{ viewer { actor role clusters } }', 1],
    ['two objects', '{ viewer { actor } cluster(name: "a") { name } }', 2],
    ['a page: the connection, and each node', '{ clusters(first: 20) { nodes { name } } }', 1 + 20],
    ['a page from the end', '{ clusters(last: 20) { nodes { name } } }', 1 + 20],
    ['edges hold nodes', '{ clusters(first: 20) { edges { cursor node { name } } } }', 1 + 20 * 2],
    ['page information is one object', '{ clusters(first: 20) { pageInfo { endCursor } } }', 1 + 1],
    [
      'a list in a page, by its usual size',
      '{ clusters(first: 5) { nodes { assignments { policy { name } } } } }',
      1 + 5 * (1 + 20 * (1 + 1)),
    ],
    [
      'a page in a page',
      '{ clusters(first: 5) { nodes { decisions(first: 10) { nodes { code } } } } }',
      1 + 5 * (1 + 1 + 10),
    ],
    ['a weight from the schema', '{ node(id: "x") { id } }', 5],
    ['a look at the schema', '{ __schema { types { name } } __type(name: "Query") { name } }', 200],
    ['the name of a type is free', '{ __typename viewer { __typename } }', 1],
    [
      'fragments, where they are spread',
      '{ clusters(first: 3) { ...Page } } fragment Page on ClusterConnection { nodes { ...C } } fragment C on Cluster { assignments { id } }',
      1 + 3 * (1 + 20),
    ],
    ['inline fragments', '{ node(id: "x") { ... on Policy { latest { number } } ... { id } } }', 5 + 1],
  ])('%s', (_, text, expected) => {
    expect(cost(text)).toBe(expected);
  });
});

describe('a page is reckoned with its size', () => {
  const text = 'query ($n: Int!) { clusters(first: $n) { nodes { name } } }';
  test('from a variable', () => {
    expect(cost(text, { n: 7 })).toBe(1 + 7);
  });
  test('from the default of a variable', () => {
    expect(cost('query ($n: Int! = 9) { clusters(first: $n) { nodes { name } } }')).toBe(1 + 9);
  });
  test.each([[-1], [101], [1e9], ['5'], [null], [undefined]])(
    'and as the largest page where it is %j',
    (n) => {
      expect(cost(text, { n })).toBe(1 + 100);
    },
  );
});

test('only the operation that is run counts', () => {
  expect(cost('query A { viewer { actor } } query B { node(id: "x") { id } }', {}, 'A')).toBe(1);
});

test('mutations cost more than reads', () => {
  expect(cost('mutation { revokeToken(input: { id: "x" }) { userErrors { code } } }')).toBe(10 + 10);
});

test('fragments that double at every step are reckoned once each', () => {
  const doubling = Array.from(
    { length: 50 },
    (_, index) => `fragment F${index} on Cluster { ...F${index + 1} ...F${index + 1} }`,
  );
  const text = `{ cluster(name: "a") { ...F0 } } ${doubling.join('\n')} fragment F50 on Cluster { assignments { id } }`;
  expect(cost(text)).toBe(1 + 2 ** 50 * 20);
});
