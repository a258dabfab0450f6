import type pg from 'pg';

/** What a schema offers to the queries of a program: only what these can notice. */
export interface SchemaOffer {
  /** By `table.column`. */
  readonly columns: Readonly<Record<string, Column>>;
  /** What rows must fulfil: constraints and unique indexes, as PostgreSQL defines them. */
  readonly demands: readonly string[];
  /** Functions that are called, with their arguments and results. */
  readonly functions: readonly string[];
}

interface Column {
  readonly type: string;
  /** An INSERT that doesn't name it fails. */
  readonly mustBeGiven: boolean;
  readonly mayBeNull: boolean;
}

/** Reads what the tables and functions of a migrated database offer, in a stable order. */
export async function readSchemaOffer(database: pg.Pool | pg.ClientBase): Promise<SchemaOffer> {
  const columns = await database.query<Column & { readonly name: string }>(COLUMNS);
  const demands = await database.query<{ readonly demand: string }>(DEMANDS);
  const functions = await database.query<{ readonly signature: string }>(FUNCTIONS);
  return {
    columns: Object.fromEntries(columns.rows.map(({ name, ...column }) => [name, column])),
    demands: demands.rows.map(({ demand }) => demand),
    functions: functions.rows.map(({ signature }) => signature),
  };
}

/**
 * Why a program made for the released schema would not work on the newer one, one line a reason: migrations may only
 * add, and may not ask for more of the rows that the older program writes.
 */
export function incompatibilities(released: SchemaOffer, newer: SchemaOffer): readonly string[] {
  return [
    ...Object.entries(released.columns).flatMap(([name, column]) => changedColumn(name, column, newer)),
    ...newlyNeeded(released, newer),
    ...lost('constraint or unique index', released.demands, newer.demands),
    ...newDemands(released, newer),
    ...lost('function', released.functions, newer.functions),
  ];
}

function changedColumn(name: string, before: Column, newer: SchemaOffer): readonly string[] {
  const after = newer.columns[name];
  if (after === undefined) return [`column ${name} is gone`];
  return [
    ...(after.type === before.type ? [] : [`column ${name} was ${before.type} and is ${after.type}`]),
    ...(after.mustBeGiven && !before.mustBeGiven ? [`column ${name} must be given now`] : []),
    ...(before.mayBeNull && !after.mayBeNull ? [`column ${name} may not be null now`] : []),
    ...(!before.mayBeNull && after.mayBeNull
      ? [`column ${name} may be null now, which is not expected`]
      : []),
  ];
}

/** Columns added to tables that the older program writes. */
function newlyNeeded(released: SchemaOffer, newer: SchemaOffer): readonly string[] {
  const tables = new Set(Object.keys(released.columns).map(tableOf));
  return Object.entries(newer.columns)
    .filter(([name, { mustBeGiven }]) => mustBeGiven && tables.has(tableOf(name)))
    .filter(([name]) => released.columns[name] === undefined)
    .map(([name]) => `column ${name} is new and must be given`);
}

function newDemands(released: SchemaOffer, newer: SchemaOffer): readonly string[] {
  const tables = new Set(Object.keys(released.columns).map(tableOf));
  const known = new Set(released.demands);
  return newer.demands
    .filter((demand) => !known.has(demand) && tables.has(tableOf(demand)))
    .map((demand) => `new demand on ${demand}`);
}

function lost(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  const there = new Set(after);
  return before.filter((one) => !there.has(one)).map((one) => `${what} is gone: ${one}`);
}

/** The table of `table.column` and of `table.: definition`. */
function tableOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

const COLUMNS = `
  SELECT format('%s.%s', c.relname, a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "mustBeGiven", NOT a.attnotnull AS "mayBeNull"
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname <> '_prisma_migrations'
  ORDER BY 1`;

/** Constraints that servers before 18 don't list (NOT NULL) are told by the columns. */
const DEMANDS = `
  SELECT format('%s.: %s', conrelid::regclass, pg_get_constraintdef(oid)) AS demand FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'x') AND conparentid = 0
    AND NOT (SELECT relispartition FROM pg_class WHERE pg_class.oid = conrelid)
  UNION
  SELECT format('%s.: unique%s', i.indrelid::regclass, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING', ''))
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
    AND i.indrelid::regclass::text <> '_prisma_migrations'
  ORDER BY 1`;

/** Trigger functions are nobody's to call. */
const FUNCTIONS = `
  SELECT format('%s(%s) returns %s', proname, pg_get_function_identity_arguments(oid), pg_get_function_result(oid))
    AS signature
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype AND prokind = 'f'
  ORDER BY 1`;
