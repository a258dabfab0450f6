import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { createMetrics } from '../../../src/observability/metrics.js';
import { restRoutes } from '../../../src/rest/routes.js';
import { pod, policy } from '../../rest/app.js';
import { CANARY, type Filled, world } from './world.js';

const { as, tokens, bravo, leaks, admin } = await world();
const routes = restRoutes(createMetrics());

/** How a route is asked for what belongs to `bravo`, and what a token of `alfa` with every role is answered. */
interface Probe {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Statuses of an administrator's token; 404 where the thing named doesn't exist for it. */
  readonly status: number;
}

const PROBES: Readonly<Record<string, Probe>> = {
  saveCluster: { body: {}, status: 404 },
  listClusters: { status: 200 },
  getCluster: { status: 404 },
  getPolicySet: { status: 404 },
  savePolicy: { body: policy(CANARY), status: 403 },
  listPolicies: { query: { includeArchived: 'true' }, status: 200 },
  getPolicy: { status: 404 },
  listPolicyVersions: { status: 404 },
  getPolicyVersion: { status: 404 },
  diffPolicyVersions: { query: { from: '1', to: '2' }, status: 404 },
  restorePolicyVersion: { body: { version: 1 }, status: 403 },
  archivePolicy: { status: 403 },
  unarchivePolicy: { status: 403 },
  assignPolicy: { body: {}, status: 404 },
  unassignPolicy: { status: 404 },
  getAssignment: { status: 404 },
  listAssignments: { status: 404 },
  savePodSpec: { body: pod(CANARY), status: 404 },
  getPodSpec: { status: 404 },
  listPodSpecs: { status: 404 },
  evaluate: { body: pod('x'), status: 404 },
  evaluateInline: {
    body: { policies: [], objects: [{ apiVersion: 'v1', kind: 'ConfigMap' }] },
    status: 200,
  },
  listDecisions: { status: 404 },
  getDecision: { status: 404 },
  getDecisionStats: { query: { wouldDenyIn: CANARY }, status: 404 },
  exportDecisions: { status: 404 },
  verifyDecisions: { status: 404 },
  listSigningKeys: { status: 200 },
  createToken: { body: { name: 'x', role: 'ADMIN' }, status: 403 },
  listTokens: { status: 403 },
  revokeToken: { status: 403 },
  createWebhookSecret: { body: { name: 'x' }, status: 404 },
  listWebhookSecrets: { status: 404 },
  revokeWebhookSecret: { status: 404 },
  getMetrics: { status: 403 },
};

const PARAMETERS: Readonly<Record<string, string>> = {
  cluster: CANARY,
  name: CANARY,
  policy: CANARY,
  namespace: CANARY,
  kind: 'Pod',
  version: '1',
};

function pathOf(id: string, path: string, things: Filled): string {
  const ids: Readonly<Record<string, string>> = { getDecision: things.decision };
  return path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) =>
    parameter === 'id' ? (ids[id] ?? things.cluster) : (PARAMETERS[parameter] ?? parameter),
  );
}

/** Nothing in an answer may depend on whether what was asked for exists elsewhere; what was sent may come back. */
function withoutEcho(text: string): string {
  return text
    .replaceAll(new RegExp(`\\\\"(${CANARY}|nowhere)\\\\"`, 'g'), '?')
    .replaceAll(/urn:podgate:request:[\w-]+/g, '');
}

describe('every REST route', () => {
  it('has a probe, and no probe is left over', () => {
    expect(routes.map(({ id }) => id).sort()).toEqual(Object.keys(PROBES).sort());
  });

  it.each(routes)(
    '$id: what belongs to one cluster does not exist for a token of another',
    async ({ id, method, path }) => {
      const { query = {}, body, status } = PROBES[id] ?? { status: 0 };
      const target = pathOf(id, path, bravo);
      for (const [role, token] of Object.entries(tokens)) {
        const response = await as(token)[method](target).query(query).send(body);
        const expected = role === 'ADMIN' ? [status] : [status, 403];
        expect(expected, `${role}: ${response.text}`).toContain(response.status);
        expect(
          leaks(withoutEcho(response.text ?? '')).filter((leak) => !target.includes(leak)),
          role,
        ).toEqual([]);
        if (response.status !== 404) continue;
        // The same as for something that nobody has ever heard of.
        const unheard = target
          .replaceAll(CANARY, 'nowhere')
          .replace(bravo.decision, '01890000-0000-7000-8000-000000000000');
        const unknown = await as(token)[method](unheard).query(query).send(body);
        expect(unknown.status, unknown.text).toBe(404);
        expect(withoutEcho(response.text).replace(bravo.decision, '')).toBe(
          withoutEcho(unknown.text).replace('01890000-0000-7000-8000-000000000000', ''),
        );
      }
    },
  );

  it.each([
    '/v1/policies/NAME',
    '/v1/policies/NAME/versions',
    '/v1/policies/NAME/versions/1',
    '/v1/policies/NAME/diff?from=1&to=1',
    '/v1/clusters/NAME',
    '/v1/clusters/NAME/decisions',
  ])('%s asks the database no more about what is elsewhere than about what is nowhere', async (path) => {
    const asked = vi.spyOn(pg.Client.prototype, 'query');
    const count = async (name: string) => {
      let fewest = Number.POSITIVE_INFINITY;
      // What the server asks by itself, in its own time, comes on top now and then.
      for (let attempt = 0; attempt < 5; attempt += 1) {
        asked.mockClear();
        expect((await as(tokens.VIEWER).get(path.replace('NAME', name))).status).toBe(404);
        // Those of the request itself: refusals are noted, and decisions counted, beside it.
        const read = asked.mock.calls.filter(([query]) =>
          /^.{0,20}SELECT .*polic/.test(JSON.stringify(query)),
        );
        fewest = Math.min(fewest, read.length);
      }
      return fewest;
    };
    expect(await count(CANARY)).toBe(await count('nowhere'));
    asked.mockRestore();
  });

  it('leaves everything of the other cluster as it was', async () => {
    const policies = (await admin.get(`/v1/policies/${CANARY}`)).body;
    expect(policies).toMatchObject({ version: 2 });
    expect((await admin.get(`/v1/clusters/${CANARY}/assignments`)).body.assignments).toHaveLength(2);
    expect((await admin.get(`/v1/clusters/${CANARY}/decisions`)).body.decisions).toHaveLength(1);
  });

  it('records every refusal with its actor, for those who see the cluster', { timeout: 40_000 }, async () => {
    const global = 'metrics:read is not allowed to a token that is limited to clusters';
    const outside = 'decision:verify is not allowed outside the clusters of the token';
    const query = '{ changes(first: 100) { nodes { actor action cluster { name } details } } }';
    const recorded = async (token?: string) => {
      const asked = token === undefined ? admin : as(token);
      return (await asked.post('/graphql').send({ query })).body.data.changes.nodes;
    };
    const refusal = (message: string, cluster: object | null) => ({
      actor: 'token:alfa-VIEWER',
      action: 'ACCESS_REFUSED',
      cluster,
      details: { message, source: 'REST', count: 1 },
    });
    const look = async () => {
      const changes = await recorded();
      expect(changes).toContainEqual(refusal(global, null));
      expect(changes).toContainEqual(refusal(outside, { name: CANARY }));
      expect(changes).toContainEqual(refusal(outside, null)); // a cluster that nobody has ever heard of
    };
    await vi.waitFor(look, { timeout: 30_000, interval: 500 });
    expect(leaks(JSON.stringify(await recorded(tokens.VIEWER)))).toEqual([]);
  });
});
