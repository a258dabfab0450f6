import type { Authenticate } from '../access/authenticate.js';
import { tokenHash } from '../access/token.js';
import type { Principal } from '../model/principal.js';
import { isUnavailable, type Outage } from '../operations/admission/outage.js';

const MOST_CALLERS = 1_000;

/**
 * Authentication that goes on while the database is away for the tokens that it has let in before: an API server always
 * calls with the same one. After a restart none is remembered; a secret in the path is, with its cluster.
 */
export function rememberCallers(authenticate: Authenticate, outage: Outage): Authenticate {
  const callers = new Map<string, Principal>();
  return async (authorization) => {
    const key = tokenHash(authorization ?? '').toString('hex');
    const known = callers.get(key);
    if (known !== undefined && outage.isAway()) return known;
    try {
      // The token of the configuration needs no database, so that there is always something to ask.
      const principal = await (outage.isAway()
        ? authenticate(authorization)
        : outage.guard(() => authenticate(authorization)));
      if (callers.size < MOST_CALLERS) callers.set(key, principal);
      return principal;
    } catch (error) {
      if (known !== undefined && isUnavailable(error)) return known;
      callers.delete(key);
      throw error;
    }
  };
}
