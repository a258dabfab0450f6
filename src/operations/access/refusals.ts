import type { DecisionSource } from '../../model/decision.js';
import { PodgateError } from '../../model/errors.js';
import { insertChange } from '../../storage/changes.js';
import type { Database } from '../../storage/database.js';
import { inTransaction } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** Somebody who was refused what the token doesn't allow, or whose review couldn't be answered. */
export interface Refusal {
  readonly actor: string;
  /** Where it was about one that is known. */
  readonly clusterId?: string;
  readonly source: DecisionSource;
  /** What was refused, and why. */
  readonly message: string;
}

/**
 * Collects refusals until they are recorded among the changes: equal ones as one record with their number. So whoever
 * is refused a thousand times a second costs a row now and then, and can't hide the others behind his.
 */
export interface Refusals {
  note(refusal: Refusal): void;
  /** Records what was collected. */
  flush(): Promise<void>;
}

/** Different refusals kept between two flushes; there are as many as callers times reasons at most. */
export const MOST_DIFFERENT = 1_000;

type Counted = Refusal & { count: number };

/** Makes the collection. */
export function createRefusals(database: Database): Refusals {
  let collected = new Map<string, Counted>();

  function add({ count, ...refusal }: Counted): void {
    const key = JSON.stringify([refusal.actor, refusal.clusterId, refusal.source, refusal.message]);
    const known = collected.get(key);
    if (known !== undefined) known.count += count;
    else if (collected.size < MOST_DIFFERENT) collected.set(key, { ...refusal, count });
  }

  return {
    note(refusal) {
      add({ ...refusal, count: 1 });
    },
    async flush() {
      if (collected.size === 0) return;
      const refusals = [...collected.values()];
      collected = new Map();
      try {
        await inTransaction(database, async (tx) => {
          for (const { actor, clusterId = null, source, message, count } of refusals) {
            const details = { message, source, count };
            await insertChange(tx, { actor, action: 'ACCESS_REFUSED', clusterId, policyId: null, details });
          }
        });
      } catch (error) {
        for (const refusal of refusals) add(refusal); // for the next time
        throw error;
      }
    },
  };
}

/** For transports: notes what an operation has thrown where it is a refusal. */
export function noteRefusal({ principal, source, services }: OperationContext, error: unknown): void {
  if (!(error instanceof PodgateError) || error.code !== 'FORBIDDEN') return;
  services.onRefused({ actor: principal.actor, source, message: error.message });
}
