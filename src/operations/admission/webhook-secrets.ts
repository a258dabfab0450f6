import { newTokenSecret, tokenHash } from '../../access/token.js';
import { notFound, PodgateError } from '../../model/errors.js';
import type { Principal } from '../../model/principal.js';
import { isUuid } from '../../model/uuid.js';
import type { WebhookSecret } from '../../model/webhook-secret.js';
import { insertChange } from '../../storage/changes.js';
import { inTransaction, readOnly } from '../../storage/transaction.js';
import {
  insertWebhookSecret,
  listWebhookSecrets as listStored,
  revokeWebhookSecret as revokeStored,
} from '../../storage/webhook-secrets.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import type { AdmissionCluster, AdmissionClusters } from './admission-clusters.js';
import type { Deadline } from './deadline.js';

/** Makes a secret with which a cluster's API server may call the webhook; it is in the answer and nowhere else. */
export async function createWebhookSecret(
  context: OperationContext,
  clusterName: string,
): Promise<{ readonly webhookSecret: WebhookSecret; readonly secret: string }> {
  const secret = newTokenSecret();
  const { actor } = context.principal;
  const webhookSecret = await inTransaction(context.services.database, async (tx) => {
    const { id: clusterId } = await findClusterFor(context, 'webhook:manage', tx, clusterName);
    const made = await insertWebhookSecret(tx, clusterId, tokenHash(secret), actor);
    const details = { id: made.id };
    await insertChange(tx, { actor, action: 'WEBHOOK_SECRET_CREATED', clusterId, policyId: null, details });
    return made;
  });
  return { webhookSecret, secret };
}

/** A cluster's secrets, newest first, without what is secret. */
export async function listWebhookSecrets(
  context: OperationContext,
  clusterName: string,
): Promise<readonly WebhookSecret[]> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'webhook:manage', tx, clusterName);
  return listStored(tx, cluster.id);
}

/** Revokes a secret, at once and for good. Throws NOT_FOUND, also where it is revoked already. */
export async function revokeWebhookSecret(
  context: OperationContext,
  input: { readonly cluster: string; readonly id: string },
): Promise<WebhookSecret> {
  const { actor } = context.principal;
  return inTransaction(context.services.database, async (tx) => {
    const { id: clusterId } = await findClusterFor(context, 'webhook:manage', tx, input.cluster);
    const revoked = isUuid(input.id) ? await revokeStored(tx, clusterId, input.id) : null;
    if (revoked === null) throw notFound('Webhook secret', input.id);
    const details = { id: input.id };
    await insertChange(tx, { actor, action: 'WEBHOOK_SECRET_REVOKED', clusterId, policyId: null, details });
    return revoked;
  });
}

/** Which secret in the path of the webhook is meant: SHA-256 in hex. */
export function secretHashOf(secret: string): string {
  return tokenHash(secret).toString('hex');
}

/**
 * Who calls with the secret of this hash in the webhook's path: the cluster's API server. Throws UNAUTHENTICATED, also
 * for an unknown cluster, so that nobody can find out names by guessing. What is known of the cluster may be out of date:
 * before anything is decided {@link requireSecret} looks again.
 */
export async function identifyWebhook(
  clusters: AdmissionClusters,
  clusterName: string,
  secretHash: string,
  deadline: Deadline,
): Promise<Principal> {
  // A hash of 256 random bits tells nothing by the time that its comparison takes.
  const known = await clusters.recent(clusterName, deadline);
  const isKnown = known?.secretHashes.has(secretHash) ?? false;
  const cluster = isKnown ? known : await clusters.current(clusterName, deadline);
  requireSecret(cluster, secretHash);
  return { actor: `webhook:${clusterName}`, tokenId: null, role: 'EVALUATOR', clusters: [clusterName] };
}

/** Throws UNAUTHENTICATED where a cluster doesn't have the secret of this hash, or not any more. */
export function requireSecret(
  cluster: Pick<AdmissionCluster, 'secretHashes'> | null,
  secretHash: string,
): void {
  if (cluster?.secretHashes.has(secretHash) === true) return;
  throw new PodgateError('UNAUTHENTICATED', "The secret in the webhook's path is not valid");
}
