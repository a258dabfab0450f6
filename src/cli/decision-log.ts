import { setTimeout } from 'node:timers/promises';
import { type JsonObject, textMember } from '../kubernetes/json-value.js';
import { pageAnswer } from './answers.js';
import type { ApiClient } from './api-client.js';

/** Parameters of the decisions endpoint; those that are undefined don't filter. */
export type DecisionQuery = Readonly<Record<string, string | undefined>>;

/** A cluster's decisions as a log file that grows. */
export interface DecisionLogReader {
  /** The newest ones, oldest of them first. */
  newest(limit: number): Promise<readonly JsonObject[]>;
  /** Those after that one (undefined: all), and new ones as they are made, for ever. */
  after(last: JsonObject | undefined): AsyncGenerator<JsonObject>;
}

const PAGE = 100;
const POLL_MILLIS = 2000;
/** How far the order of the log and that of the times of decision may differ. */
const SLACK_MILLIS = 60_000;

/** Reads the decisions of a cluster that a filter lets through; looks for new ones every `pollMillis` milliseconds. */
export function decisionLogOf(
  client: Pick<ApiClient, 'get'>,
  cluster: string,
  filter: DecisionQuery,
  pollMillis = POLL_MILLIS,
): DecisionLogReader {
  const path = `/v1/clusters/${encodeURIComponent(cluster)}/decisions`;
  const read = async (query: DecisionQuery) => {
    const given = Object.entries({ ...filter, ...query }).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    return pageAnswer(await client.get(`${path}?${new URLSearchParams(given).toString()}`), 'decisions');
  };
  return {
    async newest(limit) {
      const found: JsonObject[] = [];
      let after: string | undefined;
      while (found.length < limit) {
        const first = String(Math.min(PAGE, limit - found.length));
        const page = await read({ order: 'newest', first, after });
        found.push(...page.items);
        if (!page.hasNextPage || page.endCursor === null) break;
        after = page.endCursor;
      }
      return found.toReversed();
    },
    async *after(last) {
      let seen = sequenceOf(last);
      let after: string | undefined;
      const since = sinceOf(last) ?? filter['since'];
      for (;;) {
        const page = await read({ order: 'oldest', first: String(PAGE), since, after });
        for (const decision of page.items) {
          if (sequenceOf(decision) <= seen) continue;
          seen = sequenceOf(decision);
          yield decision;
        }
        after = page.endCursor ?? after;
        if (!page.hasNextPage) await setTimeout(pollMillis);
      }
    },
  };
}

function sequenceOf(decision: JsonObject | undefined): bigint {
  return BigInt(textMember(decision, 'sequence') ?? 0);
}

function sinceOf(decision: JsonObject | undefined): string | undefined {
  const decidedAt = textMember(decision, 'decidedAt');
  return decidedAt === undefined ? undefined : new Date(Date.parse(decidedAt) - SLACK_MILLIS).toISOString();
}
