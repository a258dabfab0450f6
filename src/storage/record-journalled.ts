import type { NewDecision } from '../model/decision.js';
import { PodgateError } from '../model/errors.js';
import { appendDecisions } from './append-decisions.js';
import type { Database } from './database.js';
import { translateError } from './errors.js';

/**
 * Records decisions that were made while the database was away, each once: those that are recorded already are left out.
 * They keep the policies and the time that they were made with. Gives the number of those that the database doesn't take,
 * one by one and at any time: it was put back to an earlier state, say, in which their cluster or policy isn't known.
 *
 * @throws PodgateError UNAVAILABLE where the database is away again, CONFLICT where another process records the same
 * ones: then some may be recorded, and others not.
 */
export async function recordJournalled(
  database: Pick<Database, 'pool'>,
  decisions: readonly NewDecision[],
): Promise<number> {
  try {
    return await record(database, decisions);
  } catch (error) {
    const translated = translateError(error);
    if (translated instanceof PodgateError) throw translated;
  }
  if (decisions.length === 1) return 1;
  let refused = 0;
  for (const decision of decisions) refused += await recordJournalled(database, [decision]);
  return refused;
}

async function record({ pool }: Pick<Database, 'pool'>, decisions: readonly NewDecision[]): Promise<number> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM decisions WHERE id = ANY($1::uuid[])', [
    decisions.map(({ id }) => id),
  ]);
  const recorded = new Set(rows.map(({ id }) => id));
  const missing = decisions.filter(({ id }) => !recorded.has(id));
  if (missing.length === 0) return 0;
  const results = await appendDecisions(
    pool,
    missing.map((decision) => ({ clusterId: decision.clusterId, generation: null, decisions: [decision] })),
  );
  return results.filter((result) => !result.recorded).length;
}
