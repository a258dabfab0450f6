import { describe, expect, it } from 'vitest';
import { createRefusals } from '../../../src/operations/access/refusals.js';
import { listChanges } from '../../../src/operations/changes/list-changes.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, testServices } from '../../support/operation-context.js';

const database = await testDatabase();
const admin = contextOf(testServices(database));

async function countOf(actor: string): Promise<number> {
  const { edges } = await listChanges(admin, { first: 100, after: null });
  return edges
    .filter(({ node }) => node.actor === actor)
    .reduce((sum, { node }) => sum + Number(node.details['count']), 0);
}

describe('refusals', () => {
  it('are recorded with their actor, equal ones once with their number', async () => {
    const refusals = createRefusals(database);
    const refusal = { actor: 'token:a', source: 'REST', message: 'token:manage is not allowed' } as const;
    for (let time = 0; time < 1000; time += 1) refusals.note(refusal);
    refusals.note({ ...refusal, actor: 'token:b' });
    await refusals.flush();
    await refusals.flush();
    const { edges } = await listChanges(admin, { first: 100, after: null });
    expect(edges.map(({ node: { actor, action, details } }) => [actor, action, details['count']])).toEqual([
      ['token:b', 'ACCESS_REFUSED', 1],
      ['token:a', 'ACCESS_REFUSED', 1000],
    ]);
  });

  it('are bounded between two flushes', async () => {
    const refusals = createRefusals(database);
    for (let number = 0; number < 5000; number += 1) {
      refusals.note({ actor: `token:many-${number}`, source: 'GRAPHQL', message: 'no' });
    }
    await refusals.flush();
    const [row] = await database.prisma.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM changes WHERE actor LIKE 'token:many-%'`;
    expect(row?.count).toBe(1000n);
  });

  it('are kept for the next time where they can not be recorded', async () => {
    const refusals = createRefusals(database);
    const refusal = { actor: 'token:late', source: 'WEBHOOK', message: 'no' } as const;
    refusals.note({ ...refusal, clusterId: '01930000-0000-7000-8000-000000000000' });
    refusals.note(refusal);
    await expect(refusals.flush()).rejects.toThrow(); // there is no such cluster
    expect(await countOf('token:late')).toBe(0);
    await database.prisma.$executeRaw`INSERT INTO clusters (id, name, changed_at, created_at, updated_at)
      VALUES ('01930000-0000-7000-8000-000000000000', 'late', now(), now(), now())`;
    refusals.note(refusal);
    await refusals.flush();
    expect(await countOf('token:late')).toBe(3);
  });
});
