import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { PROBLEM_TYPES } from '../../src/http/problem-types.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { restRoutes } from '../../src/rest/routes.js';
import { testApp } from './app.js';
import { checkExamples, type Operation, operationsOf, responseChecker } from './openapi-contract.js';

const { admin, as, document } = await testApp();
const operations = operationsOf(document);
const check = responseChecker(document);

/** How to reach each operation's good answer: the values of its path, and what must be there before. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  getHealth: {},
  getReadiness: {},
  getOpenApi: {},
  getMetrics: {},
  saveCluster: { path: { cluster: 'prod-eu' }, status: [201, 200] },
  listClusters: {},
  getCluster: { path: { cluster: 'prod-eu' } },
  savePolicy: { path: { name: 'restricted' }, status: [201, 200] },
  listPolicies: {},
  getPolicy: { path: { name: 'restricted' } },
  listPolicyVersions: { path: { name: 'restricted' } },
  getPolicyVersion: { path: { name: 'restricted', version: '1' } },
  restorePolicyVersion: { path: { name: 'restricted' }, status: [201] },
  diffPolicyVersions: { path: { name: 'restricted' } },
  archivePolicy: { path: { name: 'restricted' } },
  unarchivePolicy: { path: { name: 'restricted' } },
  assignPolicy: { path: { cluster: 'prod-eu', policy: 'restricted' }, status: [201, 200] },
  getAssignment: { path: { cluster: 'prod-eu', policy: 'restricted' } },
  listAssignments: { path: { cluster: 'prod-eu' } },
  getPolicySet: { path: { cluster: 'prod-eu' } },
  savePodSpec: {
    path: { cluster: 'prod-eu', namespace: 'default', kind: 'Deployment', name: 'web' },
    status: [201, 200],
  },
  getPodSpec: { path: { cluster: 'prod-eu', namespace: 'default', kind: 'Deployment', name: 'web' } },
  listPodSpecs: { path: { cluster: 'prod-eu' } },
  evaluate: { path: { cluster: 'prod-eu' } },
  evaluateInline: {},
  listDecisions: { path: { cluster: 'prod-eu' } },
  getDecisionStats: { path: { cluster: 'prod-eu' } },
  exportDecisions: { path: { cluster: 'prod-eu' } },
  verifyDecisions: { path: { cluster: 'prod-eu' } },
  listSigningKeys: {},
  getDecision: { path: { id: latestDecision } },
  createToken: { status: [201] },
  listTokens: {},
  revokeToken: { path: { id: latestToken }, status: [204] },
  createWebhookSecret: { path: { cluster: 'prod-eu' }, status: [201] },
  listWebhookSecrets: { path: { cluster: 'prod-eu' } },
  revokeWebhookSecret: { path: { cluster: 'prod-eu', id: latestWebhookSecret }, status: [204] },
  unassignPolicy: { path: { cluster: 'prod-eu', policy: 'restricted' }, status: [204] },
};

interface Scenario {
  readonly path?: Readonly<Record<string, string | (() => Promise<string>)>>;
  /** The answers to the first and to further calls; 200 where nothing is said. */
  readonly status?: readonly number[];
}

async function latestDecision(): Promise<string> {
  return (await admin.get('/v1/clusters/prod-eu/decisions?first=1')).body.decisions[0].id;
}

async function latestToken(): Promise<string> {
  return (await admin.get('/v1/tokens?first=1')).body.tokens[0].id;
}

async function latestWebhookSecret(): Promise<string> {
  return (await admin.get('/v1/clusters/prod-eu/webhook-secrets')).body.webhookSecrets[0].id;
}

/** The operation's path with its parameters filled in. */
async function addressOf({ id, path }: Operation): Promise<string> {
  let address = path;
  for (const [name, value] of Object.entries(SCENARIOS[id]?.path ?? {})) {
    address = address.replace(`{${name}}`, typeof value === 'string' ? value : await value());
  }
  return address;
}

const inOrder = Object.keys(SCENARIOS).flatMap((id) => operations.filter((operation) => operation.id === id));
const secured = inOrder.filter((operation) => operation.isSecured);

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true });
  });

  it('describes every route and nothing else, each with a scenario in this test', () => {
    const served = restRoutes(createMetrics()).map((route) => `${route.method} ${route.path}`);
    const described = operations
      .filter(({ isSecured }) => isSecured)
      .map(({ method, path }) => `${method} ${path}`);
    expect(described.toSorted()).toEqual(served.toSorted());
    expect(operations.map(({ id }) => id).toSorted()).toEqual(Object.keys(SCENARIOS).toSorted());
  });

  it('names every type of problem somewhere', () => {
    const text = JSON.stringify(document.paths);
    const notOfARoute = new Set(['method-not-allowed']);
    for (const { slug } of Object.values(PROBLEM_TYPES)) {
      if (!notOfARoute.has(slug)) expect(text).toContain(`urn:podgate:problem:${slug}"`);
    }
  });

  it('shows examples that are what they are examples of', () => {
    expect(checkExamples(document)).toBeGreaterThan(8);
  });

  it('names the limits of what is sent where it is sent', () => {
    const { paths, components, info } = document;
    const bodyOf = (path: string, method: string) =>
      JSON.stringify(paths[path]?.[method], ['requestBody', 'description']);
    expect(info['description']).toContain('A body may have 3 MiB');
    expect(bodyOf('/v1/policies/{name}', 'put')).toContain('It may have 256 Ki characters.');
    expect(bodyOf('/v1/tokens', 'post')).toContain('At most 1 MiB.');
    expect(bodyOf('/v1/clusters/{cluster}/evaluate', 'post')).not.toContain('1 MiB');
    expect(bodyOf('/v1/evaluate', 'post')).not.toContain('1 MiB');
    expect(components['schemas']).toMatchObject({
      EvaluateInput: { properties: { policies: { description: 'PodSecurityPolicies; 1,000 at most.' } } },
      TokenInput: { properties: { clusters: { description: expect.stringContaining('1,000 at most') } } },
    });
  });

  it('is served to everybody', async () => {
    const response = await as('').get('/openapi.json').unset('Authorization');
    expect([response.status, response.type]).toEqual([200, 'application/json']);
    expect(response.body).toEqual(document);
  });

  it('keeps descriptions with every parameter', () => {
    for (const { parameters, id } of operations) {
      for (const parameter of parameters)
        expect(parameter.description, `${id} ${parameter.name}`).toBeTruthy();
    }
  });
});

describe('as the OpenAPI document says', () => {
  describe.each(inOrder)('$id', (operation) => {
    const statuses = SCENARIOS[operation.id]?.status ?? [200];
    const contents = operation.contents.length === 0 ? [null] : operation.contents;

    it.each(contents.map((content, index) => ({ type: content?.mediaType, content, index })))(
      'answers its example ($type)',
      async ({ content, index }) => {
        const call = admin[operation.method](await addressOf(operation));
        if (content !== null) call.type(content.mediaType);
        const response = await call.send(content === null ? undefined : (content.example as string));
        expect(response.status, response.text).toBe(statuses[Math.min(index, statuses.length - 1)]);
        check(operation, response);
      },
    );
  });

  describe.each(secured)('$id', (operation) => {
    it('refuses a request without a token', async () => {
      const address = await addressOf(operation);
      const response = await as('')[operation.method](address).unset('Authorization');
      expect(response.status).toBe(401);
      check(operation, response);
    });

    it('refuses a parameter that it does not know', async () => {
      const call = admin[operation.method](`${await addressOf(operation)}?nobodyKnowsThis=1`);
      if (operation.contents[0] !== undefined) call.type(operation.contents[0].mediaType);
      const response = await call;
      expect(response.status).toBe(422);
      expect(response.body.errors).toEqual([
        { field: 'nobodyKnowsThis', message: 'nobodyKnowsThis: is not known here' },
      ]);
      check(operation, response);
    });
  });

  const withBody = inOrder.filter(({ contents }) => contents.length > 0);
  it.each(withBody)('$id refuses a body of another type', async (operation) => {
    const response = await admin[operation.method](await addressOf(operation))
      .type('image/png')
      .send('x');
    expect(response.status).toBe(415);
    check(operation, response);
  });

  it.each(withBody)('$id refuses a body that can not be read', async (operation) => {
    const mediaType = operation.contents.at(-1)?.mediaType ?? '';
    const response = await admin[operation.method](await addressOf(operation))
      .type(mediaType)
      .send('{"a": ');
    expect(response.status).toBe(400);
    check(operation, response);
  });

  it.each(secured.filter(({ answersBody }) => answersBody))(
    '$id refuses to answer with a picture',
    async (operation) => {
      const response = await admin[operation.method](await addressOf(operation)).set('Accept', 'image/png');
      expect(response.status).toBe(406);
      check(operation, response);
    },
  );

  it.each(secured.filter(({ method, path }) => path.includes('{') && method !== 'put'))(
    '$id does not find what is not there',
    async (operation) => {
      const address = operation.path.replaceAll(/\{\w+\}/g, 'nothing');
      const content = operation.contents[0];
      const call = admin[operation.method](address);
      if (content !== undefined) call.type(content.mediaType);
      const response = await call.send(content?.example as object | undefined);
      expect(response.status).toBe(404);
      check(operation, response);
    },
  );
});
