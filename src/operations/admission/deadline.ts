import { PodgateError } from '../../model/errors.js';

/** What is left of the time in which an API server wants its answer; each number of milliseconds may be negative. */
export interface Deadline {
  /** For how long the database may still be waited for: after that there is time for the disk. */
  readonly forDatabase: () => number;
  /** For how long the disk may still be waited for: after that there is time for the answer's way. */
  readonly forDisk: () => number;
}

const SHARE_OF_DATABASE = 0.5;
const SHARE_OF_DISK = 0.8;

/** The deadline of a request that came at this moment and has so many milliseconds; `now` are those of a clock. */
export function deadlineIn(milliseconds: number, now: () => number): Deadline {
  const came = now();
  const left = (share: number) => came + milliseconds * share - now();
  return { forDatabase: () => left(SHARE_OF_DATABASE), forDisk: () => left(SHARE_OF_DISK) };
}

/**
 * The result of some work, or a rejection with UNAVAILABLE when it takes longer; without time left it isn't begun. What
 * takes too long may be done all the same.
 */
export async function within<T>(milliseconds: number, what: string, work: () => Promise<T>): Promise<T> {
  const tooLong = () =>
    new PodgateError('UNAVAILABLE', `The ${what} takes too long`, { retryAfterSeconds: 1 });
  if (milliseconds <= 0) throw tooLong();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLong()), milliseconds);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
