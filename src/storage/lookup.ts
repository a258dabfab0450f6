import DataLoader from 'dataloader';
import type pg from 'pg';
import type { Database } from './database.js';
import { translateError } from './errors.js';

/** A query for the rows of many keys, and how rows and keys are told apart. */
export interface LookupQuery<Key, Row extends pg.QueryResultRow> {
  /** Under which PostgreSQL keeps the prepared statement. */
  readonly name: string;
  /** `$1` is the array of the keys, each once. */
  readonly text: string;
  /** The same for equal keys only. */
  readonly textOf: (key: Key) => string;
  readonly keyOf: (row: Row) => Key;
}

/** Most keys of one query. */
const MOST_AT_ONCE = 1_000;

/**
 * Makes the lookup of what almost every request asks for: those that arrive together share a query. Nothing is kept from
 * one query to the next, and each begins after it was asked for, so that it sees what was committed before. null where
 * there is no such row; throws UNAVAILABLE.
 */
export function createLookup<Key, Row extends pg.QueryResultRow>(
  { pool }: Pick<Database, 'pool'>,
  query: LookupQuery<Key, Row>,
): (key: Key) => Promise<Row | null> {
  const lookup = new DataLoader<Key, Row | null>((keys) => findRows(pool, query, keys), {
    cache: false,
    maxBatchSize: MOST_AT_ONCE,
    // Requests that arrived together are all read before the next setImmediate.
    batchScheduleFn: (dispatch) => void setImmediate(dispatch),
  });
  return (key) => lookup.load(key);
}

async function findRows<Key, Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  { name, text, textOf, keyOf }: LookupQuery<Key, Row>,
  keys: readonly Key[],
): Promise<readonly (Row | null)[]> {
  const wanted = keys.map(textOf);
  const distinct = new Map(wanted.map((each, index) => [each, keys[index]]));
  try {
    const { rows } = await pool.query<Row>({ name, text, values: [[...distinct.values()]] });
    const found = new Map(rows.map((row) => [textOf(keyOf(row)), row]));
    return wanted.map((each) => found.get(each) ?? null);
  } catch (error) {
    throw translateError(error);
  }
}
