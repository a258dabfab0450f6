import type { DecisionFilter, NewDecision } from '../../src/model/decision.js';
import type { OperationContext } from '../../src/operations/context.js';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { policyYaml } from './operation-context.js';
import { appendTo, newDecision } from './records.js';

type Words = { readonly [Key in keyof DecisionFilter]: string | number | boolean };

/** Every member of the filter, as REST and GraphQL take it, with the names of the decisions that it lets through. */
export const FILTERED: readonly (readonly [filter: Words, names: readonly string[]])[] = [
  [{}, ['admitted', 'denied', 'ci', 'warned', 'warned-again', 'audited']],
  [{ allowed: true }, ['admitted']],
  [{ allowed: false, mode: 'ENFORCE' }, ['denied']],
  [{ code: 'ADMITTED' }, ['admitted']],
  [{ policy: 'open' }, ['admitted']],
  [{ policy: 'open', version: 1 }, ['admitted']],
  [{ policy: 'open', version: 2 }, []],
  [{ control: 'hostNetwork' }, ['warned', 'warned-again']],
  [{ namespace: 'team-a' }, ['warned', 'warned-again', 'audited']],
  [{ kind: 'Deployment' }, ['ci']],
  [{ name: 'denied' }, ['denied']],
  [{ source: 'WEBHOOK' }, ['denied', 'warned', 'warned-again', 'audited']],
  [{ source: 'CLI' }, ['ci']],
  [{ phase: 'VALIDATE' }, ['warned-again']],
  [{ mode: 'WARN' }, ['warned', 'warned-again']],
  [{ mode: 'AUDIT' }, ['audited']],
  [{ wouldDeny: true }, ['warned', 'audited']],
  [{ wouldDeny: true, namespace: 'team-a', control: 'hostNetwork' }, ['warned']],
  [{ wouldDeny: false }, ['admitted', 'denied', 'ci', 'warned-again']],
  [{ actor: 'token:ci' }, ['ci']],
  [{ since: '2026-01-01T00:04:00Z' }, ['warned-again', 'audited']],
  [{ until: '2026-01-01T00:01:00Z' }, ['admitted']],
];

/** Records the decisions of the table in a cluster `filtered`, a minute after each other. */
export async function givenFilteredDecisions(context: OperationContext): Promise<void> {
  const { database } = context.services;
  await savePolicy(context, { name: 'open', text: policyYaml('open'), format: 'yaml' });
  await saveCluster(context, { name: 'filtered' });
  const terms = { pinnedVersion: null, subjects: null, namespaces: null };
  await assignPolicy(context, { cluster: 'filtered', policy: 'open', ...terms });
  const { rows } = await database.pool.query(
    `SELECT c.id, c.generation, v.id AS version FROM clusters c, policy_versions v WHERE c.name = 'filtered'`,
  );
  const { version, ...cluster } = rows[0];
  let minute = 0;
  const add = async (name: string, changed: Partial<NewDecision>, place: object = {}) => {
    const { object, ...fresh } = newDecision(cluster, {
      decidedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
      ...changed,
    });
    minute += 1;
    await appendTo(database, cluster, { ...fresh, object: { ...object, name, ...place } });
    return fresh.id;
  };
  const admission = { phase: 'MUTATE', offline: false, mutateDecisionId: null } as const;
  const webhook = { source: 'WEBHOOK', actor: 'webhook:filtered' } as const;
  const teamA = { namespace: 'team-a' };
  await add('admitted', {
    allowed: true,
    code: 'ADMITTED',
    policyVersionId: version,
    policyName: 'open',
    policyVersion: 1,
  });
  await add('denied', { ...webhook, admission: { ...admission, mode: 'ENFORCE' } });
  await add('ci', { source: 'CLI', actor: 'token:ci' }, { kind: 'Deployment' });
  const warned = { ...webhook, candidates: [REJECTED] };
  const mutateDecisionId = await add(
    'warned',
    { ...warned, admission: { ...admission, mode: 'WARN' } },
    teamA,
  );
  const validation = { ...admission, mode: 'WARN', phase: 'VALIDATE', mutateDecisionId } as const;
  await add('warned-again', { ...warned, admission: validation }, teamA);
  await add('audited', { ...webhook, admission: { ...admission, mode: 'AUDIT' } }, teamA);
}

const REJECTED: NewDecision['candidates'][number] = {
  policy: 'open',
  version: 1,
  outcome: 'REJECTED',
  mutates: false,
  violations: [
    { control: 'hostNetwork', type: 'Invalid', field: 'f', container: null, value: true, message: 'm' },
  ],
};
