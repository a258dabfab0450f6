import { PodgateError } from '../../model/errors.js';
import type { Principal } from '../../model/principal.js';

/** Most verifications with one token that wait while another one runs, on one server. */
export const MOST_WAITING_VERIFICATIONS = 10;

/** Runs a verification when no other with the same token or of the same subject does; throws TOO_MANY_REQUESTS. */
export type VerifyInTurn = <T>(principal: Principal, verify: () => Promise<T>) => Promise<T>;

/** The verifications with one token: how many there are, and when the last of them is over. */
interface Line {
  count: number;
  last: Promise<unknown>;
}

/**
 * Makes the turns. Verifying reads a whole log and keeps the database and the event loop busy: many at a time make
 * everybody wait. They wait for each other rather than being refused, since one operation of GraphQL may ask for two and
 * a dashboard for one of each cluster; a long line means that somebody asks without end.
 */
export function createVerifyInTurn(): VerifyInTurn {
  const lines = new Map<string, Line>();
  return async ({ tokenId, actor }, verify) => {
    const key = tokenId ?? actor;
    const line = lines.get(key) ?? { count: 0, last: Promise.resolve() };
    if (line.count > MOST_WAITING_VERIFICATIONS) throw tooMany();
    line.count += 1;
    lines.set(key, line);
    const turn = line.last.then(verify);
    line.last = turn.catch(() => {}); // how one ends is nothing to the next
    try {
      return await turn;
    } finally {
      line.count -= 1;
      if (line.count === 0) lines.delete(key);
    }
  };
}

function tooMany(): PodgateError {
  const message = `More than ${MOST_WAITING_VERIFICATIONS} verifications wait with this token: try again`;
  return new PodgateError('TOO_MANY_REQUESTS', message, { retryAfterSeconds: 5 });
}
