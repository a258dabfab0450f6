import { authorize } from '../../access/authorize.js';
import type { PublishedKey, VerifyingKey } from '../../model/verifying-key.js';
import type { OperationContext, Signing } from '../context.js';

/** The public keys of the checkpoints, the current one first. */
export async function listSigningKeys({
  principal,
  services: { signing },
}: OperationContext): Promise<readonly PublishedKey[]> {
  authorize(principal, 'signing-key:read');
  return (await countingKeys(signing)).map(({ keyId, publicKey }, index) => ({
    keyId,
    algorithm: 'Ed25519',
    publicKey,
    current: index === 0,
  }));
}

/** The keys whose checkpoints count, the current one first. */
export async function countingKeys(signing: Signing): Promise<readonly VerifyingKey[]> {
  const [key, trusted] = [await signing.key(), await signing.trusted()];
  return [key, ...trusted.filter(({ keyId }) => keyId !== key.keyId)];
}
