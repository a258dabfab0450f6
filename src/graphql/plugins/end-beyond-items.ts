import type { ApolloServerPlugin } from '@apollo/server';
import { endedBy } from '../limits/limit-items.js';

/** Answers with nothing but the error where a run had too many objects in its lists: what it had so far isn't whole. */
export function endBeyondItems(): ApolloServerPlugin {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response: { body } }) {
          if (body.kind !== 'single') return;
          const error = endedBy(body.singleResult.errors);
          if (error !== undefined) Object.assign(body.singleResult, { data: null, errors: [error] });
        },
      };
    },
  };
}
