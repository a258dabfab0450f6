import type { MutationResolvers } from '../../generated/graphql/types.js';
import { createToken, revokeToken } from '../../operations/access/tokens.js';
import { withUserErrors } from '../user-errors.js';

/** The mutations of access tokens. */
export const tokenMutations = {
  createToken: (_, { input: { name, role, clusters, expiresAt } }, context) =>
    withUserErrors(context, () =>
      createToken(context.operation, {
        name,
        role,
        clusters: clusters ?? null,
        expiresAt: expiresAt ?? null,
      }),
    ),
  revokeToken: (_, { input: { id } }, context) =>
    withUserErrors(context, async () => ({ token: await revokeToken(context.operation, id) })),
} satisfies MutationResolvers;
