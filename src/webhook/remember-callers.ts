import type { Authenticate } from '../access/authenticate.js';
import { tokenHash } from '../access/token.js';
import type { Principal } from '../model/principal.js';
import { type Deadline, within } from '../operations/admission/deadline.js';
import { isUnavailable, type Outage } from '../operations/admission/outage.js';

/** As {@link Authenticate}, in the time that an API server leaves. */
export type AuthenticateInTime = (
  authorization: string | undefined,
  deadline: Deadline,
) => Promise<Principal>;

/** Tokens that are remembered at most, the last ones that were used: those of an identity provider are new ones each hour. */
export const MOST_CALLERS = 1_000;

/**
 * Authentication that goes on while the database is away for the tokens that it has let in before: an API server always
 * calls with the same one. After a restart none is remembered; a secret in the path is, with its cluster.
 */
export function rememberCallers(authenticate: Authenticate, outage: Outage): AuthenticateInTime {
  const callers = new Map<string, Principal>();
  return async (authorization, deadline) => {
    const key = tokenHash(authorization ?? '').toString('hex');
    const known = callers.get(key);
    if (known !== undefined && outage.isAway()) return known;
    try {
      // The token of the configuration needs no database, so that there is always something to ask.
      const principal = await within(deadline.forDatabase(), 'check of the token', () =>
        authenticate(authorization, (work) => outage.guard(deadline, work)),
      );
      callers.delete(key);
      callers.set(key, principal);
      const [oldest] = callers.keys();
      if (oldest !== undefined && callers.size > MOST_CALLERS) callers.delete(oldest);
      return principal;
    } catch (error) {
      if (known !== undefined && isUnavailable(error)) return known;
      callers.delete(key);
      throw error;
    }
  };
}
