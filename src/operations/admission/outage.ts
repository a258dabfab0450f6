import { PodgateError } from '../../model/errors.js';
import { type Deadline, within } from './deadline.js';

/** Whether the database is away; so that a request finds it out at most once and doesn't wait for it again. */
export interface Outage {
  readonly isAway: () => boolean;
  /**
   * Does something with the database: rejects with UNAVAILABLE at once while it is away, and where it takes too long
   * for the API server that waits. What takes too long may be done all the same.
   */
  guard<T>(deadline: Deadline, work: () => Promise<T>): Promise<T>;
  /** The database is there again. */
  end(): void;
}

/** Makes the state. `patienceMs`: how long the database may take before it counts as away. */
export function createOutage(patienceMs: number): Outage {
  let isAway = false;
  return {
    isAway: () => isAway,
    async guard(deadline, work) {
      if (isAway) throw new PodgateError('UNAVAILABLE', 'The database is away', { retryAfterSeconds: 1 });
      const left = deadline.forDatabase();
      const began = performance.now();
      try {
        return await within(Math.min(patienceMs, left), 'database', work);
      } catch (error) {
        // A caller that waits for a moment only says nothing about the database.
        const isHasty = left < patienceMs && performance.now() - began >= left;
        if (isUnavailable(error) && !isHasty) isAway = true;
        throw error;
      }
    },
    end() {
      isAway = false;
    },
  };
}

/** Whether something failed because the database can't be reached or doesn't keep up. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof PodgateError && error.code === 'UNAVAILABLE';
}
