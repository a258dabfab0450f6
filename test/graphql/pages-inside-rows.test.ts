import { beforeAll, describe, expect, test } from 'vitest';
import { podYaml } from '../support/operation-context.js';
import { type Answer, at, type GraphqlApp, graphqlApp } from './app.js';

const EVALUATE =
  'mutation ($input: EvaluatePodsInput!) { evaluatePods(input: $input) { userErrors { message } } }';

let run: GraphqlApp['run'];
const codes = (answer: Answer) => answer.errors?.map((error) => error.extensions['code']);

describe('pages inside rows', () => {
  const manifest = podYaml('paged');
  beforeAll(async () => {
    run = (await graphqlApp()).run;
    for (const cluster of ['rows-a', 'rows-b']) {
      await run(`mutation { saveCluster(input: { name: "${cluster}" }) { created } }`);
      for (const pod of ['paged', 'other', 'paged'])
        await run(EVALUATE, { input: { cluster, manifests: podYaml(pod) } });
      for (const image of ['one', 'two']) {
        await run('mutation ($input: SavePodSpecInput!) { savePodSpec(input: $input) { outcome } }', {
          input: { cluster, manifest: manifest.replace('app', image) },
        });
      }
    }
  });

  test('are each row’s own, and go on with its own cursor', async () => {
    const query = `query ($a: String, $b: String) {
      a: cluster(name: "rows-a") { ...page } b: cluster(name: "rows-b") { name decisions(first: 1, after: $b) { nodes { sequence cluster { name } } } } }
      fragment page on Cluster { decisions(first: 2, after: $a) { nodes { sequence cluster { name } } pageInfo { endCursor hasNextPage } } }`;
    const first = await run(query);
    expect(first.errors).toBeUndefined();
    const sequences = (answer: Answer, alias: string) =>
      (at(answer, alias, 'decisions', 'nodes') as { sequence: string; cluster: { name: string } }[]).map(
        ({ sequence, cluster }) => `${cluster.name} ${sequence}`,
      );
    expect(sequences(first, 'a')).toStrictEqual(['rows-a 3', 'rows-a 2']);
    expect(sequences(first, 'b')).toStrictEqual(['rows-b 3']);
    const next = await run(query, { a: at(first, 'a', 'decisions', 'pageInfo', 'endCursor') });
    expect(sequences(next, 'a')).toStrictEqual(['rows-a 1']);
    expect(sequences(next, 'b')).toStrictEqual(['rows-b 3']);
  });

  test('take a cursor for the one row that it is of, and fail in the others', async () => {
    const page = await run(
      '{ cluster(name: "rows-a") { podSpecs(first: 1) { nodes { revisions(first: 1) { pageInfo { endCursor } } decisions(first: 1) { pageInfo { endCursor } } } } } }',
    );
    const [node] = at(page, 'cluster', 'podSpecs', 'nodes') as Record<
      string,
      { pageInfo: { endCursor: string } }
    >[];
    const answer = await run(
      `query ($r: String, $d: String) { clusters(first: 20) { nodes { name podSpecs(first: 5) { nodes { name
        revisions(first: 1, after: $r) { nodes { number } } decisions(first: 5, after: $d) { nodes { sequence } } } } } } }`,
      { r: node?.['revisions']?.pageInfo.endCursor, d: node?.['decisions']?.pageInfo.endCursor },
    );
    const rows = at(answer, 'clusters', 'nodes') as { name: string; podSpecs: { nodes: unknown[] } }[];
    expect(rows.find(({ name }) => name === 'rows-a')?.podSpecs.nodes).toStrictEqual([
      { name: 'paged', revisions: { nodes: [{ number: 1 }] }, decisions: { nodes: [{ sequence: '1' }] } },
    ]);
    expect(rows.find(({ name }) => name === 'rows-b')?.podSpecs.nodes).toStrictEqual([
      { name: 'paged', revisions: null, decisions: null },
    ]);
    expect(new Set(codes(answer))).toStrictEqual(new Set(['INVALID_CURSOR']));
  });

  test('show the last verdict on a workload beside its decisions, and of no other workload', async () => {
    const answer = await run(
      `{ cluster(name: "rows-a") { podSpecs(first: 1) { nodes { lastDecision { sequence object { name } }
        decisions(first: 10) { nodes { sequence } } oldest: decisions(last: 1) { nodes { sequence } } } } } }`,
    );
    expect(at(answer, 'cluster', 'podSpecs', 'nodes', 0)).toStrictEqual({
      lastDecision: { sequence: '3', object: { name: 'paged' } },
      decisions: { nodes: [{ sequence: '3' }, { sequence: '1' }] },
      oldest: { nodes: [{ sequence: '1' }] },
    });
  });

  test('of one argument may be wrong without harm to those of others', async () => {
    const answer = await run(
      '{ clusters(first: 20) { nodes { good: decisions(first: 1) { nodes { id } } bad: decisions(first: 0) { nodes { id } } } } }',
    );
    for (const row of at(answer, 'clusters', 'nodes') as { good: unknown; bad: unknown }[]) {
      expect(row).toMatchObject({ good: { nodes: expect.any(Array) as unknown }, bad: null });
    }
    expect(new Set(codes(answer))).toStrictEqual(new Set(['INVALID']));
  });
});
