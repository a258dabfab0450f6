import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import { limitError } from '../limits/limit-error.js';
import { operationCost } from '../limits/operation-cost.js';

/**
 * Refuses operations whose cost is above the limit before anything of them is run, and tells every operation's cost and
 * the limit in `extensions.cost` of its answer.
 */
export function limitCost(schema: GraphQLSchema, maximum: number): ApolloServerPlugin {
  return {
    async requestDidStart() {
      let cost: number | undefined;
      return {
        async didResolveOperation({ document, operation, request }) {
          if (operation === undefined) return;
          cost = operationCost(schema, document, operation, request.variables ?? {});
          if (cost > maximum) throw limitError('cost', maximum, cost, [operation]);
        },
        async willSendResponse({ response: { body } }) {
          if (cost === undefined || body.kind !== 'single') return;
          const { extensions } = body.singleResult;
          body.singleResult.extensions = { ...extensions, cost: { requested: cost, maximum } };
        },
      };
    },
  };
}
