import type { DecisionSource } from '../../model/decision.js';
import { PodgateError } from '../../model/errors.js';
import { insertChange } from '../../storage/changes.js';
import type { Database } from '../../storage/database.js';
import { inTransaction } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** Somebody who was refused what the token doesn't allow. */
export interface Refusal {
  readonly actor: string;
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

/** Different refusals kept between two flushes; there are as many as tokens times actions at most. */
const MOST_DIFFERENT = 1_000;

/** Makes the collection. */
export function createRefusals(database: Database): Refusals {
  let collected = new Map<string, Refusal & { count: number }>();
  return {
    note(refusal) {
      const key = JSON.stringify([refusal.actor, refusal.source, refusal.message]);
      const known = collected.get(key);
      if (known !== undefined) known.count += 1;
      else if (collected.size < MOST_DIFFERENT) collected.set(key, { ...refusal, count: 1 });
    },
    async flush() {
      if (collected.size === 0) return;
      const refusals = [...collected.values()];
      collected = new Map();
      await inTransaction(database, async (tx) => {
        for (const { actor, source, message, count } of refusals) {
          const details = { message, source, count };
          await insertChange(tx, {
            actor,
            action: 'ACCESS_REFUSED',
            clusterId: null,
            policyId: null,
            details,
          });
        }
      });
    },
  };
}

/** For transports: notes what an operation has thrown where it is a refusal. */
export function noteRefusal({ principal, source, services }: OperationContext, error: unknown): void {
  if (!(error instanceof PodgateError) || error.code !== 'FORBIDDEN') return;
  services.onRefused({ actor: principal.actor, source, message: error.message });
}
