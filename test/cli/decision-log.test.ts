import { describe, expect, it } from 'vitest';
import { decisionLogOf } from '../../src/cli/decision-log.js';
import type { JsonObject } from '../../src/kubernetes/json-value.js';

const decision = (sequence: number) => ({
  sequence: String(sequence),
  decidedAt: `2027-03-01T12:00:${String(sequence % 60).padStart(2, '0')}.000Z`,
});

/** A server whose log has these decisions, and one more whenever `grow` is called. */
function serverWith(count: number) {
  const log = Array.from({ length: count }, (_, index) => decision(index + 1));
  const queries: URLSearchParams[] = [];
  const get = (path: string) => {
    const query = new URL(path, 'http://server').searchParams;
    queries.push(query);
    const since = query.get('since') ?? '';
    const ordered = query.get('order') === 'newest' ? log.toReversed() : log;
    const filtered = ordered.filter(({ decidedAt }) => decidedAt >= since);
    const start = Number(query.get('after') ?? 0);
    const items = filtered.slice(start, start + Number(query.get('first')));
    const end = start + items.length;
    const pageInfo = {
      endCursor: items.length === 0 ? null : String(end),
      hasNextPage: end < filtered.length,
    };
    return Promise.resolve({ decisions: items, pageInfo });
  };
  return { client: { get }, queries, grow: () => log.push(decision(log.length + 1)) };
}

const numbers = (decisions: readonly JsonObject[]) => decisions.map(({ sequence }) => Number(sequence));

describe('the log of decisions, read as a file', () => {
  it('gives the newest in the order of the log, page by page', async () => {
    const { client, queries } = serverWith(250);
    const newest = await decisionLogOf(client, 'prod', {}).newest(120);
    expect(numbers(newest)).toEqual(Array.from({ length: 120 }, (_, index) => 131 + index));
    expect(queries.map((query) => query.get('first'))).toEqual(['100', '20']);
  });

  it('gives what there is where there is less', async () => {
    expect(numbers(await decisionLogOf(serverWith(3).client, 'prod', {}).newest(20))).toEqual([1, 2, 3]);
  });

  it('goes on with what is recorded later, without gaps or repetitions', async () => {
    const { client, grow } = serverWith(5);
    const log = decisionLogOf(client, 'prod', {}, 1);
    const [last] = (await log.newest(1)).slice(-1);
    const later = log.after(last);
    const seen: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      grow();
      const { value } = await later.next();
      seen.push(Number(value?.sequence));
    }
    expect(seen).toEqual([6, 7, 8]);
  });

  it('begins with all of them where there was none before', async () => {
    const { client } = serverWith(2);
    const later = decisionLogOf(client, 'prod', {}, 1).after(undefined);
    expect([(await later.next()).value?.sequence, (await later.next()).value?.sequence]).toEqual(['1', '2']);
  });

  it('passes the filter on with every request', async () => {
    const { client, queries } = serverWith(1);
    await decisionLogOf(client, 'prod', { allowed: 'false', kind: undefined }).newest(1);
    expect(queries[0]?.get('allowed')).toBe('false');
    expect(queries[0]?.has('kind')).toBe(false);
  });
});
