import type { SubscriptionResolvers } from '../../generated/graphql/types.js';
import type { Decision } from '../../model/decision.js';
import { invalid } from '../../model/errors.js';
import { watchDecisions } from '../../operations/decisions/watch-decisions.js';
import type { GraphqlContext } from '../context.js';
import { decisionFilterOf } from '../decision-filter.js';

/** What can be watched. */
export const Subscription: SubscriptionResolvers = {
  decisionRecorded: {
    subscribe: async (_, { cluster, after, filter }, context) => {
      const ended = new AbortController();
      const input = { cluster, after: sequenceOf(after ?? null), filter: decisionFilterOf(filter ?? {}) };
      const decisions = await watchDecisions(context.operation, input, ended.signal);
      return endable(answers(decisions, context), ended);
    },
  },
};

async function* answers(
  decisions: AsyncIterable<Decision>,
  context: GraphqlContext,
): AsyncGenerator<{ readonly decisionRecorded: Decision }> {
  for await (const decisionRecorded of decisions) {
    context.forgetReads(); // each decision is an answer of its own
    yield { decisionRecorded };
  }
}

/** The generator, which can also be ended while it waits for the next decision. */
function endable<T>(source: AsyncGenerator<T>, ended: AbortController): AsyncGenerator<T> {
  const end = source.return.bind(source);
  return Object.assign(source, {
    return(value: unknown) {
      ended.abort();
      return end(value);
    },
  });
}

function sequenceOf(after: string | null): bigint | null {
  if (after === null) return null;
  if (/^\d{1,18}$/.test(after)) return BigInt(after);
  const message = 'after must be the sequence of a decision: digits';
  throw invalid(message, [{ message, field: 'after', value: after }]);
}
