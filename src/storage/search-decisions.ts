import { Prisma } from '../generated/prisma/client.js';
import type { Decision, DecisionFilter, DecisionOrder } from '../model/decision.js';
import { contentDigest } from '../model/policy-set.js';
import {
  decodeCursor,
  encodeCursor,
  foreignCursor,
  type Page,
  type PageRequest,
  pageOf,
} from '../model/page.js';
import { mapInTurns } from '../model/turns.js';
import { cursorName } from './cursors.js';
import { type DecisionRow, selectDecisions, toDecision } from './decisions.js';
import { SEGMENT } from './fold-decisions.js';
import { WOULD_DENY } from './fold-would-denies.js';
import { storableText } from './storable.js';
import type { Tx } from './transaction.js';

/**
 * Decisions of a cluster by their place in its log. A cursor stays right while decisions arrive, and goes on with the
 * same filter and order only.
 *
 * With a filter only those segments of the log are read of which the terms of the filter are true, few at first, so that
 * what is rare is found as quickly in a long log as in a short one. What isn't folded yet is read anyway.
 */
export async function pageDecisions(
  tx: Tx,
  clusterId: string,
  filter: DecisionFilter,
  order: DecisionOrder,
  page: PageRequest,
): Promise<Page<Decision>> {
  const list = listOfDecisions(clusterId, filter, order);
  const after = sequenceAfter(list, page);
  const descending = (order === 'newest') !== (page.backward ?? false);
  const search: Search = { tx, clusterId, descending, conditions: conditionsOf(filter) };
  const limit = page.first + 1;
  const rows: DecisionRow[] = [];
  const parts =
    search.conditions.length === 0 ? [[everything(after, descending)]] : partsOf(search, filter, after);
  for await (const ranges of parts) {
    rows.push(...(await read(search, ranges, limit - rows.length)));
    if (rows.length >= limit) break;
  }
  const decisions = await mapInTurns(rows, toDecision);
  return pageOf(decisions, page, (decision) => encodeCursor(list, [String(decision.sequence)]));
}

/** The cursor of a position in the log, for a list that goes on after it. */
export function positionAfter(
  clusterId: string,
  filter: DecisionFilter,
  order: DecisionOrder,
  sequence: bigint,
): string | null {
  return sequence === 0n ? null : encodeCursor(listOfDecisions(clusterId, filter, order), [String(sequence)]);
}

/** What cursors of a cluster's decisions with this filter and order carry. */
export function listOfDecisions(clusterId: string, filter: DecisionFilter, order: DecisionOrder): string {
  return `decisions:${clusterId}:${order}:${contentDigest(JSON.stringify(sorted(filter))).slice(-16)}`;
}

interface Search {
  readonly tx: Tx;
  readonly clusterId: string;
  readonly descending: boolean;
  readonly conditions: readonly Prisma.Sql[];
}

/** Sequences from one to another, both included. */
interface Range {
  readonly from: bigint;
  readonly through: bigint;
}

const FIRST = 1n;

const LAST = 9_223_372_036_854_775_807n;

/** All that comes after a position. */
function everything(after: bigint | null, descending: boolean): Range {
  if (after === null) return { from: FIRST, through: LAST };
  return descending ? { from: FIRST, through: after - 1n } : { from: after + 1n, through: LAST };
}

/** Reads what is in the ranges, which follow each other in the order of the search. */
async function read(
  { tx, clusterId, descending, conditions }: Search,
  ranges: readonly Range[],
  limit: number,
): Promise<readonly DecisionRow[]> {
  const direction = descending ? 'desc' : 'asc';
  const where = (range: readonly Prisma.Sql[]) =>
    Prisma.join([Prisma.sql`d.cluster_id = ${clusterId}::uuid`, ...range, ...conditions], ' AND ');
  const [only] = ranges;
  if (only !== undefined && ranges.length === 1) {
    return tx.$queryRaw<DecisionRow[]>(selectDecisions({ where: where(boundsOf(only)), direction, limit }));
  }
  const froms = ranges.map(({ from }) => from);
  const throughs = ranges.map(({ through }) => through);
  const from = Prisma.sql`unnest(${froms}::bigint[], ${throughs}::bigint[]) AS range (low, high), decisions d`;
  const within = Prisma.sql`d.sequence BETWEEN range.low AND range.high`;
  return tx.$queryRaw<DecisionRow[]>(selectDecisions({ from, where: where([within]), direction, limit }));
}

/** A bound that bounds nothing would make PostgreSQL expect few decisions. */
function boundsOf({ from, through }: Range): readonly Prisma.Sql[] {
  return [
    ...(from === FIRST ? [] : [Prisma.sql`d.sequence >= ${from}`]),
    ...(through === LAST ? [] : [Prisma.sql`d.sequence <= ${through}`]),
  ];
}

/** The parts of the log in which there can be decisions that the filter wants, in the order of the search. */
async function* partsOf(
  search: Search,
  filter: DecisionFilter,
  after: bigint | null,
): AsyncGenerator<readonly Range[]> {
  const { tx, clusterId, descending } = search;
  const fold = await tx.decisionFold.findUnique({ where: { clusterId } });
  const folded = fold?.foldedSequence ?? 0n;
  const { from, through } = everything(after, descending);
  const unfolded: Range = { from: from > folded ? from : folded + 1n, through };
  const known: Range = { from, through: through < folded ? through : folded };
  if (descending && unfolded.from <= unfolded.through) yield [unfolded];
  for (let rest = known, size = 1; rest.from <= rest.through; size = Math.min(size * 2, MOST_SEGMENTS)) {
    const segments = await nextSegments(search, filter, rest, size);
    const ranges = segments.map((segment) => rangeOf(segment, rest));
    const end = ranges.at(-1);
    if (end === undefined) break;
    yield ranges;
    rest = descending ? { ...rest, through: end.from - 1n } : { ...rest, from: end.through + 1n };
  }
  if (!descending && unfolded.from <= unfolded.through) yield [unfolded];
}

const MOST_SEGMENTS = 64;

function rangeOf(segment: bigint, within: Range): Range {
  const [first, last] = [segment * SEGMENT, (segment + 1n) * SEGMENT - 1n];
  return {
    from: first > within.from ? first : within.from,
    through: last < within.through ? last : within.through,
  };
}

async function nextSegments(
  { tx, clusterId, descending }: Search,
  filter: DecisionFilter,
  { from, through }: Range,
  limit: number,
): Promise<readonly bigint[]> {
  const { since, until } = filter;
  const terms = termsOf(filter);
  const tables = terms.map(([dimension, value], index) => {
    const name = Prisma.raw(`t${index}`);
    return Prisma.sql`JOIN decision_terms ${name} ON ${name}.cluster_id = s.cluster_id AND ${name}.segment = s.segment
      AND ${name}.term = decision_term(${dimension}, ${value})`;
  });
  const rows = await tx.$queryRaw<{ segment: bigint }[]>`
    SELECT s.segment FROM decision_segments s ${tables.length === 0 ? Prisma.empty : Prisma.join(tables, ' ')}
    WHERE s.cluster_id = ${clusterId}::uuid AND s.segment BETWEEN ${from / SEGMENT} AND ${through / SEGMENT}
      ${since === undefined ? Prisma.empty : Prisma.sql`AND s.last_decided_at >= ${since}`}
      ${until === undefined ? Prisma.empty : Prisma.sql`AND s.first_decided_at < ${until}`}
    ORDER BY s.segment ${descending ? Prisma.sql`DESC` : Prisma.sql`ASC`} LIMIT ${limit}`;
  return rows.map(({ segment }) => segment);
}

/** What must be true of a segment, in the words of fold-decisions.ts. */
function termsOf({
  policy,
  version,
  allowed,
  wouldDeny,
  ...filter
}: DecisionFilter): readonly (readonly [string, string])[] {
  const terms: (readonly [string, string])[] = [];
  if (policy !== undefined && version !== undefined) {
    terms.push(['version', `${storableText(policy)}\u001F${version}`]);
  } else if (policy !== undefined) terms.push(['policy', storableText(policy)]);
  for (const dimension of ['control', 'name', 'actor', 'namespace', 'kind', 'code', 'source'] as const) {
    const value = filter[dimension];
    if (value !== undefined) terms.push([dimension, storableText(value)]);
  }
  if (allowed !== undefined) terms.push(['allowed', String(allowed)]);
  if (wouldDeny === true) terms.push(['allowed', 'false']);
  return terms;
}

/** The sequence that a page's cursor names, null without one; throws INVALID_CURSOR. */
export function sequenceAfter(list: string, page: PageRequest): bigint | null {
  if (page.after === null) return null;
  const name = cursorName(page);
  const [sequence] = decodeCursor(list, page.after, 1, name);
  if (typeof sequence !== 'string' || !/^[1-9]\d{0,17}$/.test(sequence))
    throw foreignCursor(page.after, name);
  return BigInt(sequence);
}

function sorted(filter: DecisionFilter): readonly unknown[] {
  return Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What a filter demands of a decision `d`. */
export function conditionsOf(filter: DecisionFilter): Prisma.Sql[] {
  const { allowed, code, policy, version, control, wouldDeny, since, until } = filter;
  const conditions: Prisma.Sql[] = [];
  if (allowed !== undefined) conditions.push(Prisma.sql`d.allowed = ${allowed}`);
  if (code !== undefined) conditions.push(Prisma.sql`d.code = ${code}`);
  if (policy !== undefined) {
    const number = version === undefined ? Prisma.empty : Prisma.sql`AND v.number = ${version}`;
    conditions.push(Prisma.sql`d.policy_version_id IN (
      SELECT v.id FROM policy_versions v JOIN policies p ON p.id = v.policy_id WHERE p.name = ${storableText(policy)} ${number})`);
  }
  if (control !== undefined) conditions.push(Prisma.sql`d.controls @> ARRAY[${storableText(control)}]`);
  for (const column of ['namespace', 'kind', 'name', 'source', 'actor', 'phase', 'mode'] as const) {
    const value = filter[column];
    if (value !== undefined) conditions.push(Prisma.sql`d.${COLUMN[column]} = ${storableText(value)}`);
  }
  if (wouldDeny !== undefined) conditions.push(Prisma.sql`${WOULD_DENY} = ${wouldDeny}`);
  if (since !== undefined) conditions.push(Prisma.sql`d.decided_at >= ${since}`);
  if (until !== undefined) conditions.push(Prisma.sql`d.decided_at < ${until}`);
  return conditions;
}

const COLUMN = {
  namespace: Prisma.sql`namespace`,
  kind: Prisma.sql`kind`,
  name: Prisma.sql`name`,
  source: Prisma.sql`source`,
  actor: Prisma.sql`actor`,
  phase: Prisma.sql`phase`,
  mode: Prisma.sql`mode`,
} as const;
