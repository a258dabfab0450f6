import type { ResolversParentTypes } from '../generated/graphql/types.js';
import { isUuid } from '../model/uuid.js';
import { ifReadable } from './absent.js';
import type { GraphqlContext } from './context.js';

/** Something with an id, and the name of its type, by which GraphQL resolves the interface `Node`. */
export type FoundNode = ResolversParentTypes['Node'] & { readonly __typename: string };

/**
 * Anything that the caller sees and that has this id, or null. An id doesn't tell its type, so that it can be the same
 * in every API; the few tables are asked at once.
 */
export async function findNode({ loaders }: GraphqlContext, id: string): Promise<FoundNode | null> {
  if (!isUuid(id)) return null;
  const key = id.toLowerCase();
  const found = await Promise.all([
    typed('Cluster', loaders.clusterById.load(key)),
    typed('Policy', loaders.policyById.load(key)),
    typed('PolicyVersion', loaders.policyVersionById.load(key)),
    typed('PodSpec', loaders.podSpecById.load(key)),
    typed('Decision', loaders.decisionById.load(key)),
  ]);
  return found.find((node) => node !== null) ?? null;
}

async function typed<T extends object>(__typename: string, loading: Promise<T | null>) {
  const node = await ifReadable(loading);
  return node === null ? null : { ...node, __typename };
}
