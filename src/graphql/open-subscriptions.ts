import { PodgateError } from '../model/errors.js';
import type { Principal } from '../model/principal.js';

/** Most subscriptions that are open at a time, on one server. */
export const MOST_SUBSCRIPTIONS = { perConnection: 100, perToken: 1_000 } as const;

/** A connection, as far as it tells what is open: each subscription by its id, one that is being opened too. */
interface Connection {
  readonly subscriptions: Readonly<Record<string, unknown>>;
}

/** Knows of each token, subject or administrator what is open. */
export interface OpenSubscriptions {
  /** Takes one more subscription, which the connection has already; the error for the answer where that is too much. */
  readonly admit: (connection: Connection, id: string, by: Principal) => PodgateError | null;
  /** The connection is closed. */
  readonly forget: (connection: Connection) => void;
}

/** Makes the count. Each open subscription asks the database about every decision of its cluster. */
export function createOpenSubscriptions(
  most: Readonly<Record<keyof typeof MOST_SUBSCRIPTIONS, number>> = MOST_SUBSCRIPTIONS,
): OpenSubscriptions {
  const admitted = new Map<string, Map<Connection, Set<string>>>();
  return {
    admit(connection, id, { tokenId, actor }) {
      const key = tokenId ?? actor;
      const connections = admitted.get(key) ?? new Map<Connection, Set<string>>();
      const ids = connections.get(connection) ?? new Set();
      if (stillOpen(connection, ids) >= most.perConnection)
        return tooMany(most.perConnection, 'over this connection');
      const open = [...connections].reduce((sum, [each, theirs]) => sum + stillOpen(each, theirs), 0);
      if (open >= most.perToken) return tooMany(most.perToken, 'with this token');
      admitted.set(key, connections.set(connection, ids.add(id)));
      return null;
    },
    forget(connection) {
      for (const [key, connections] of admitted) {
        if (connections.delete(connection) && connections.size === 0) admitted.delete(key);
      }
    },
  };
}

/** How many of the subscriptions are open, the others forgotten. */
function stillOpen({ subscriptions }: Connection, ids: Set<string>): number {
  for (const id of ids) if (!(id in subscriptions)) ids.delete(id);
  return ids.size;
}

function tooMany(most: number, where: string): PodgateError {
  return new PodgateError('TOO_MANY_REQUESTS', `More than ${most} subscriptions at a time ${where}`);
}
