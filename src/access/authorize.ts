import { PodgateError, notFound } from '../model/errors.js';
import { type Principal, type Role, seesCluster } from '../model/principal.js';
import { ACTIONS, type Action } from './actions.js';

/** Actions that concern one cluster, and those that don't. */
export type ClusterAction = {
  [A in Action]: (typeof ACTIONS)[A]['scope'] extends 'cluster' ? A : never;
}[Action];
/** An action that is not about one cluster. */
export type GeneralAction = Exclude<Action, ClusterAction>;

/**
 * Lets an action on what clusters share pass or throws FORBIDDEN. A token with a list of clusters is refused where
 * the action would reach beyond them.
 */
export function authorize(principal: Principal, action: GeneralAction): void {
  requireRole(principal, action);
  if (ACTIONS[action].scope === 'global' && principal.clusters !== null) {
    throw new PodgateError('FORBIDDEN', `${action} is not allowed to a token that is limited to clusters`);
  }
}

/**
 * Lets an action on a cluster pass. A cluster outside the token's list doesn't exist for it: NOT_FOUND, also where
 * the role would not do; FORBIDDEN where only the role doesn't do.
 */
export function authorizeCluster(principal: Principal, action: ClusterAction, clusterName: string): void {
  if (!seesCluster(principal, clusterName)) throw notFound('Cluster', clusterName);
  requireRole(principal, action);
}

/**
 * Lets a read of what belongs to many clusters pass, and tells of each cluster whether it may be in the answer: what is
 * outside the token's list doesn't exist for it. Throws FORBIDDEN where the role doesn't do.
 */
export function authorizeAcross(
  principal: Principal,
  action: ClusterAction,
): (clusterName: string) => boolean {
  requireRole(principal, action);
  return (clusterName) => seesCluster(principal, clusterName);
}

function requireRole(principal: Principal, action: Action): void {
  const roles: readonly Role[] = ACTIONS[action].roles;
  if (!roles.includes(principal.role)) {
    const needed = roles.length === 1 ? roles.join() : `one of ${roles.join(', ')}`;
    throw new PodgateError(
      'FORBIDDEN',
      `${action} needs role ${needed}, and this token has ${principal.role}`,
    );
  }
}
