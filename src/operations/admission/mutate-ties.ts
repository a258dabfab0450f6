import { latestTie, takeTie } from '../../storage/admission-ties.js';
import type { Database } from '../../storage/database.js';
import type { Deadline } from './deadline.js';
import type { MutateMemory } from './mutate-memory.js';
import { isUnavailable, type Outage } from './outage.js';

/**
 * Finds for seconds which decision mutated a pod, so that the pod's validation can point to it at whichever instance it is
 * answered; while the database is away, at the same one. The database has a note of each, which is made and taken with the
 * append of the mutation's and the validation's decision; an instance remembers its own besides, so that it need not ask.
 * Nothing here takes longer than the request has, and nothing of it fails a request.
 */
export interface MutateTies {
  /** Remembers the decision that admits a pod as it now is. `isShared`: the database has a note of it. */
  note(key: Buffer, decisionId: string, isShared: boolean): void;
  /** The oldest decision that is remembered here about such a pod, which is forgotten with that; else {@link find}. */
  take(key: Buffer, deadline: Deadline): Promise<FoundTie | null>;
  /** The oldest decision that the database has a note of about such a pod, which is taken with that. */
  find(key: Buffer, deadline: Deadline): Promise<FoundTie | null>;
  /** The latest noted decision about such a pod, which stays. */
  peek(key: Buffer, deadline: Deadline): Promise<string | null>;
}

/** A decision that mutated a pod. */
export interface FoundTie {
  readonly decisionId: string;
  /** The database's note of it is still to be taken: another instance may have done it. */
  readonly isOpen: boolean;
}

/** Makes the ties. */
export function createMutateTies(database: Database, outage: Outage, memory: MutateMemory): MutateTies {
  /** What the database says, or null where it is away. */
  async function asked(deadline: Deadline, work: () => Promise<string | null>): Promise<string | null> {
    try {
      return await outage.guard(deadline, work);
    } catch (error) {
      if (isUnavailable(error)) return null;
      throw error;
    }
  }

  async function find(key: Buffer, deadline: Deadline): Promise<FoundTie | null> {
    const decisionId = await asked(deadline, () => takeTie(database, key));
    return decisionId === null ? null : { decisionId, isOpen: false };
  }

  return {
    note: (key, decisionId, isShared) => memory.note(key.toString('base64'), decisionId, isShared),
    async take(key, deadline) {
      const own = memory.take(key.toString('base64'));
      if (own === null) return find(key, deadline);
      return { decisionId: own.decisionId, isOpen: own.isShared };
    },
    find,
    peek: async (key, deadline) =>
      (await asked(deadline, () => latestTie(database, key))) ?? memory.peek(key.toString('base64')),
  };
}
