import type { NewDecision } from '../model/decision.js';
import { appendDecisions } from './append-decisions.js';
import type { Database } from './database.js';
import { translateError } from './errors.js';

/**
 * Records decisions that were made while the database was away, each once: those that are recorded already are left out.
 * They keep the policies and the time that they were made with.
 *
 * @throws PodgateError UNAVAILABLE where the database is away again: then some may be recorded, and others not.
 */
export async function recordJournalled(
  { pool }: Pick<Database, 'pool'>,
  decisions: readonly NewDecision[],
): Promise<void> {
  try {
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM decisions WHERE id = ANY($1::uuid[])', [
      decisions.map(({ id }) => id),
    ]);
    const recorded = new Set(rows.map(({ id }) => id));
    const missing = decisions.filter(({ id }) => !recorded.has(id));
    if (missing.length === 0) return;
    await appendDecisions(
      pool,
      missing.map((decision) => ({ clusterId: decision.clusterId, generation: null, decisions: [decision] })),
    );
  } catch (error) {
    throw translateError(error);
  }
}
