import { PodgateError } from '../../model/errors.js';

/** Whether the database is away; so that a request finds it out at most once and doesn't wait for it again. */
export interface Outage {
  readonly isAway: () => boolean;
  /**
   * Does something with the database: rejects with UNAVAILABLE at once while it is away, and where it takes too long
   * for an API server that waits. What takes too long may be done all the same.
   */
  guard<T>(work: () => Promise<T>): Promise<T>;
  /** The database is there again. */
  end(): void;
}

/** Makes the state. `patienceMs`: how long the database may take before it counts as away. */
export function createOutage(patienceMs: number): Outage {
  let isAway = false;
  return {
    isAway: () => isAway,
    async guard(work) {
      if (isAway) throw new PodgateError('UNAVAILABLE', 'The database is away', { retryAfterSeconds: 1 });
      try {
        return await within(patienceMs, work());
      } catch (error) {
        if (isUnavailable(error)) isAway = true;
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

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new PodgateError('UNAVAILABLE', 'The database takes too long', { retryAfterSeconds: 1 })),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
