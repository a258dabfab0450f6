import { beforeAll, expect, test } from 'vitest';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { at, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
beforeAll(async () => {
  graphql = await graphqlApp();
});

test('the whole way of a newcomer: a cluster, a policy, its assignment, an evaluation, the decision', async () => {
  const { run } = graphql;
  const cluster = await run(
    `mutation { saveCluster(input: { name: "prod-eu", kubernetesVersion: "1.24" }) {
      created cluster { id name displayName kubernetesVersion addServiceAccountVolume policySetDigest assignments { id } }
      userErrors { code message field } } }`,
  );
  expect(cluster).toMatchObject({
    data: {
      saveCluster: {
        created: true,
        cluster: { name: 'prod-eu', displayName: null, kubernetesVersion: '1.24', assignments: [] },
        userErrors: [],
      },
    },
  });
  const policy = await run(
    `mutation ($manifest: String!) { savePolicy(input: { manifest: $manifest, message: "first" }) {
      outcome warnings { code message field policies } userErrors { code message field }
      policy { id name archivedAt latest { number } }
      version { number digest message author createdAt restoredFrom spec yaml source policy { name } } } }`,
    { manifest: policyYaml('restricted', 'privileged: false') },
  );
  expect(policy).toMatchObject({
    data: {
      savePolicy: {
        outcome: 'CREATED',
        userErrors: [],
        policy: { name: 'restricted', archivedAt: null, latest: { number: 1 } },
        version: {
          number: 1,
          message: 'first',
          author: 'admin',
          restoredFrom: null,
          policy: { name: 'restricted' },
        },
      },
    },
  });
  expect(at(policy, 'savePolicy', 'version', 'spec')).toMatchObject({ runAsUser: { rule: 'RunAsAny' } });
  const assigned = await run(
    `mutation { assignPolicy(input: { cluster: "prod-eu", policy: "restricted" }) {
      created assignment { cluster { name } policy { name } pinnedVersion subjects { kind name namespace } namespaces }
      userErrors { code } } }`,
  );
  expect(at(assigned, 'assignPolicy')).toStrictEqual({
    created: true,
    assignment: {
      cluster: { name: 'prod-eu' },
      policy: { name: 'restricted' },
      pinnedVersion: null,
      subjects: null,
      namespaces: null,
    },
    userErrors: [],
  });
  const evaluated = await run(
    `mutation ($manifests: String!) { evaluatePods(input: { cluster: "prod-eu", manifests: $manifests }) {
      userErrors { message }
      evaluation { allowed cluster { name } policySetDigest summary { documents evaluated admitted denied skipped }
        results { document item object { kind name namespace podPath } allowed code reason policy { name }
          policyVersion { number } patch warnings candidates { policy version outcome mutates unusable
            violations { control type field container value message } }
          decision { id sequence source actor allowed } } } } }`,
    { manifests: `${podYaml('good')}---\n${podYaml('bad', 'hostNetwork: true')}` },
  );
  expect(at(evaluated, 'evaluatePods', 'userErrors')).toStrictEqual([]);
  expect(at(evaluated, 'evaluatePods', 'evaluation')).toMatchObject({
    allowed: false,
    cluster: { name: 'prod-eu' },
    summary: { documents: 2, evaluated: 2, admitted: 1, denied: 1, skipped: 0 },
    results: [
      {
        object: { kind: 'Pod', name: 'good', namespace: 'default', podPath: '' },
        allowed: true,
        code: 'ADMITTED',
        policy: { name: 'restricted' },
        policyVersion: { number: 1 },
        decision: { sequence: '1', source: 'GRAPHQL', actor: 'admin', allowed: true },
      },
      {
        object: { name: 'bad' },
        allowed: false,
        code: 'NO_POLICY_SATISFIED',
        policy: null,
        policyVersion: null,
        patch: [],
        candidates: [
          {
            policy: 'restricted',
            version: 1,
            outcome: 'REJECTED',
            unusable: null,
            violations: [
              {
                control: 'hostNetwork',
                type: 'Invalid',
                field: 'spec.securityContext.hostNetwork',
                container: null,
                value: true,
                message: 'Host network is not allowed to be used',
              },
            ],
          },
        ],
        decision: { sequence: '2', allowed: false },
      },
    ],
  });
  const id = at(evaluated, 'evaluatePods', 'evaluation', 'results', 1, 'decision', 'id');
  const decision = await run(
    `query ($id: ID!) { decision(id: $id) { id cluster { name } decidedAt source allowed code
      policy { name } policyVersion { number } podSpec { id } candidates { policy violations { control } } patch reason
      actor policySetDigest sequence requester { user groups serviceAccount namespace } operation
      object { apiVersion kind } podDigest warnings engineVersion durationMicros recordedAt }
      node(id: $id) { __typename id ... on Decision { code } } }`,
    { id },
  );
  expect(decision.errors).toBeUndefined();
  expect(decision.data).toMatchObject({
    decision: {
      id,
      cluster: { name: 'prod-eu' },
      source: 'GRAPHQL',
      allowed: false,
      code: 'NO_POLICY_SATISFIED',
      policy: null,
      policyVersion: null,
      podSpec: null,
      candidates: [{ policy: 'restricted', violations: [{ control: 'hostNetwork' }] }],
      patch: [],
      actor: 'admin',
      policySetDigest: at(evaluated, 'evaluatePods', 'evaluation', 'policySetDigest'),
      sequence: '2',
      requester: { user: null, groups: [], serviceAccount: 'default', namespace: 'default' },
      operation: 'CREATE',
      object: { apiVersion: 'v1', kind: 'Pod' },
    },
    node: { __typename: 'Decision', id, code: 'NO_POLICY_SATISFIED' },
  });
});
