import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { at, type GraphqlApp, graphqlApp } from './app.js';

const PAGE = join(import.meta.dirname, '../../docs/graphql.md');

interface Documented {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The page's queries, each with the variables that stand below it. */
async function documented(): Promise<readonly Documented[]> {
  const page = await readFile(PAGE, 'utf8');
  const blocks = page.matchAll(/^```graphql\n(query (\w+)[\s\S]*?)^```\n\n```json\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, query = '', name = '', json = '']) => ({
    name,
    query,
    variables: JSON.parse(json) as Documented['variables'],
  }));
}

/** What each answer must show at a path, so that none is empty. */
const SHOWN: Readonly<
  Record<string, readonly (readonly [path: readonly (string | number)[], expected: unknown])[]>
> = {
  Overview: [
    [['clusters', 'nodes', 0, 'assignments', 1, 'policy', 'name'], 'restricted'],
    [['clusters', 'nodes', 0, 'decisions', 'nodes', 0, 'object', 'name'], 'web'],
  ],
  PolicyHistory: [
    [['policy', 'versions', 'nodes', 0, 'restoredFrom'], 2],
    [['policy', 'versions', 'nodes', 1, 'diff', 'verdict'], 'LOOSENED'],
    [['policy', 'versions', 'nodes', 1, 'diff', 'changes', 0, 'witness', 'kind'], 'Pod'],
  ],
  Compare: [
    [['policy', 'version', 'diff', 'changes', 0, 'effect'], 'LOOSENS'],
    [['policyDiff', 'verdict'], 'LOOSENED'],
  ],
  WhoMayUseWhat: [
    [['cluster', 'assignments', 0, 'subjects', 0, 'name'], 'developers'],
    [['policy', 'assignments', 0, 'cluster', 'name'], 'prod-eu'],
  ],
  PolicySetAt: [
    [['cluster', 'then', 'policies', 1, 'version'], 4],
    [['cluster', 'now', 'policies', 1, 'version'], 5],
  ],
  Denials: [
    [['cluster', 'decisions', 'nodes', 0, 'object', 'name'], 'web'],
    [['cluster', 'decisionStats', 'topControls', 0], { control: 'hostNetwork', denied: 1 }],
  ],
  WhyDenied: [
    [['decision', 'candidates', 1, 'violations', 0, 'control'], 'hostNetwork'],
    [['decision', 'podSpec', 'revision'], 1],
  ],
  Workloads: [
    [['cluster', 'podSpecs', 'nodes', 0, 'lastDecision', 'code'], 'NO_POLICY_SATISFIED'],
    [['cluster', 'podSpecs', 'nodes', 0, 'decisions', 'nodes', 0, 'allowed'], false],
  ],
  Changes: [[['changes', 'nodes', 0, 'action'], 'POLICY_VERSION_RESTORED']],
  WhatIf: [
    [['evaluate', 'results', 0, 'candidates', 1, 'version'], 4],
    [['evaluate', 'results', 0, 'fixes', 0, 'policy'], 'baseline'],
  ],
};

let graphql: GraphqlApp;
/** What can't stand in the page: a moment of the test and an id of its database. */
const own = { at: '', id: '' };

async function change(mutation: string, input: object, fields = ''): Promise<unknown> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const answer = await graphql.run(
    `mutation ($input: ${type}) { ${mutation}(input: $input) { ${fields} userErrors { message } } }`,
    { input },
  );
  expect(at(answer, mutation, 'userErrors'), JSON.stringify(answer.errors)).toStrictEqual([]);
  return at(answer, mutation);
}

beforeAll(async () => {
  graphql = await graphqlApp();
  await change('saveCluster', { name: 'prod-eu', kubernetesVersion: '1.24' });
  const contents = [
    '',
    'hostPID: true',
    'privileged: true\nhostPID: true',
    'privileged: true\nhostPID: true\nhostIPC: true',
  ];
  for (const fields of contents) await change('savePolicy', { manifest: policyYaml('restricted', fields) });
  const open = contents.at(-1) ?? '';
  await change('savePolicy', { manifest: policyYaml('baseline', `${open}\nallowedCapabilities: ['*']`) });
  await change('assignPolicy', { cluster: 'prod-eu', policy: 'restricted' });
  const subjects = [{ kind: 'Group', name: 'developers' }];
  await change('assignPolicy', { cluster: 'prod-eu', policy: 'baseline', subjects });
  own.at = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await change('restorePolicyVersion', { policy: 'restricted', version: 2 });
  const manifest = podYaml('web', 'hostNetwork: true');
  await change('savePodSpec', { cluster: 'prod-eu', manifest });
  const evaluated = await change(
    'evaluatePods',
    { cluster: 'prod-eu', manifests: manifest },
    'evaluation { results { decision { id } } }',
  );
  own.id = String(at({ data: evaluated }, 'evaluation', 'results', 0, 'decision', 'id'));
});

/** The page's variables with its placeholders replaced by what is there. */
function withOwn(variables: unknown): unknown {
  return JSON.parse(
    JSON.stringify(variables, (key, value: unknown) => (key === 'at' || key === 'id' ? own[key] : value)),
  );
}

test('the page has the ten queries', async () => {
  expect((await documented()).map(({ name }) => name)).toStrictEqual(Object.keys(SHOWN));
  expect(Object.keys(SHOWN)).toHaveLength(10);
});

test.each(await documented())('$name works as it stands', async ({ name, query, variables }) => {
  const answer = await graphql.run(query, withOwn(variables) as object);
  expect(answer.errors).toBeUndefined();
  for (const [path, expected] of SHOWN[name] ?? []) {
    expect(at(answer, ...path), path.join('.')).toStrictEqual(expected);
  }
});
