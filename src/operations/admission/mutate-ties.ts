import { deleteTie, insertTie, latestTie, takeTie } from '../../storage/admission-ties.js';
import type { Database } from '../../storage/database.js';
import type { Deadline } from './deadline.js';
import type { MutateMemory } from './mutate-memory.js';
import { isUnavailable, type Outage } from './outage.js';

/**
 * Remembers for seconds which decision mutated a pod, for all instances, so that the pod's validation can point to it at
 * whichever of them it is answered; while the database is away, at the same one. Nothing here takes longer than the
 * request has, and nothing of it fails a request.
 */
export interface MutateTies {
  /** Notes the decision that admits a pod as it now is. */
  note(key: Buffer, decisionId: string, deadline: Deadline): Promise<void>;
  /** Takes a note back: the decision wasn't recorded. */
  withdraw(key: Buffer, decisionId: string): void;
  /** The oldest noted decision about such a pod, which is forgotten with that: each creation has its own. */
  take(key: Buffer, deadline: Deadline): Promise<string | null>;
  /** The latest noted decision about such a pod, which stays. */
  peek(key: Buffer, deadline: Deadline): Promise<string | null>;
}

/** Makes the ties; `memory` keeps those of an outage. */
export function createMutateTies(database: Database, outage: Outage, memory: MutateMemory): MutateTies {
  /** What the database says, or null where it is away. */
  async function asked<T>(deadline: Deadline, work: () => Promise<T>): Promise<T | null> {
    try {
      return await outage.guard(deadline, work);
    } catch (error) {
      if (isUnavailable(error)) return null;
      throw error;
    }
  }

  return {
    async note(key, decisionId, deadline) {
      const isShared = await asked(deadline, async () => {
        await insertTie(database, key, decisionId);
        return true;
      });
      if (isShared === null) memory.note(key.toString('base64'), decisionId);
    },
    withdraw(key, decisionId) {
      memory.forget(key.toString('base64'), decisionId);
      // Where that fails it is found for some seconds, by a pod that is the same.
      deleteTie(database, decisionId).catch(() => undefined);
    },
    take: async (key, deadline) =>
      (await asked(deadline, () => takeTie(database, key))) ?? memory.take(key.toString('base64')),
    peek: async (key, deadline) =>
      (await asked(deadline, () => latestTie(database, key))) ?? memory.peek(key.toString('base64')),
  };
}
