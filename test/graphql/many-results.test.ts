import { expect, test } from 'vitest';
import { podYaml } from '../support/operation-context.js';
import { at, graphqlApp } from './app.js';

test('an evaluation of many pods gives the result of each, in their order', async () => {
  const graphql = await graphqlApp();
  await graphql.run('mutation { saveCluster(input: { name: "prod" }) { created } }');
  const names = Array.from({ length: 300 }, (_, index) => `pod-${index}`);
  const answer = await graphql.run(
    `query ($manifests: String!) {
      evaluate(input: { cluster: "prod", manifests: $manifests }) { results { object { name } code reason warnings patch } }
    }`,
    { manifests: names.map((name) => podYaml(name)).join('---\n') },
  );
  expect(answer.errors).toBeUndefined();
  const results = at(answer, 'evaluate', 'results') as readonly {
    readonly object: { readonly name: string };
  }[];
  expect(results.map(({ object }) => object.name)).toEqual(names);
});
