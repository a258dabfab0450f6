import { authorize } from '../../access/authorize.js';
import type { PublishedKey } from '../../model/verifying-key.js';
import type { OperationContext } from '../context.js';

/** The public keys of the checkpoints, the current one first. */
export function listSigningKeys({
  principal,
  services: { signing },
}: OperationContext): readonly PublishedKey[] {
  authorize(principal, 'signing-key:read');
  return [signing.key, ...signing.trusted].map(({ keyId, publicKey }, index) => ({
    keyId,
    algorithm: 'Ed25519',
    publicKey,
    current: index === 0,
  }));
}
