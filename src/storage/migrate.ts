import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openSchemaEngine } from './schema-engine.js';
import { StartError } from './start-error.js';

/** Of the database's advisory locks the one under which migrations run; any number that nobody else uses. */
const MIGRATION_LOCK = 7_463_283_541;

/** The oldest PostgreSQL that works, as `server_version_num` counts. */
const OLDEST_SERVER = 150_000;

/**
 * Brings the database to the newest schema that this program knows, by Prisma's engine and the scripts in
 * `prisma/migrations`. Each script is one transaction. Several processes may do it at once: one works, the others wait
 * and find nothing left to do. A database that is already newer is left as it is (migrations only add).
 *
 * @returns the names of the migrations that were applied.
 * @throws StartError for a PostgreSQL older than 15, for a role that doesn't own the tables that are there, and for a
 * script that fails.
 */
export async function migrate(url: string, folder: string = prismaFolder()): Promise<readonly string[]> {
  const session = new pg.Client({ connectionString: url });
  // Without a listener a connection that breaks would end the process; the query under way tells.
  session.on('error', () => undefined);
  await session.connect();
  try {
    await checkServer(session);
    await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await settleInterrupted(session);
    return await apply(url, folder);
  } finally {
    await session.end(); // and with it the lock
  }
}

/** A server that takes longer to say which migrations it has isn't ready. */
const LONGEST_LOOK_MS = 2_000;

/** Whether every migration that this program knows is in the database. */
export async function isMigrated(pool: pg.Pool, folder: string = prismaFolder()): Promise<boolean> {
  const table = await pool.query<{ there: boolean }>(
    inTime(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`),
  );
  if (table.rows[0]?.there !== true) return false;
  const done = await pool.query<{ migration_name: string }>(
    inTime(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    ),
  );
  const names = new Set(done.rows.map((row) => row.migration_name));
  return migrationNames(folder).every((name) => names.has(name));
}

/** A query for which a server that hangs is not waited for: its connection is given up. pg's types don't know the member. */
function inTime(text: string): pg.QueryConfig & { readonly query_timeout: number } {
  return { text, query_timeout: LONGEST_LOOK_MS };
}

async function checkServer(session: pg.Client): Promise<void> {
  const { rows } = await session.query<{ number: string; name: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name`,
  );
  const [server] = rows;
  if (server !== undefined && Number(server.number) < OLDEST_SERVER) {
    throw new StartError(
      `DATABASE_URL is a PostgreSQL ${server.name}: podgate needs PostgreSQL 15 or newer.`,
    );
  }
}

/**
 * A process killed in a migration leaves the engine's record of it unfinished, and the engine would then refuse to go
 * on. The script was one transaction together with the mark that it ran, so the record tells which way it ended.
 */
async function settleInterrupted(session: pg.Client): Promise<void> {
  const { rows } = await session.query<{ there: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
  );
  if (rows[0]?.there !== true) return;
  const unfinished = 'finished_at IS NULL AND rolled_back_at IS NULL';
  const { rows: owners } = await session.query<{ owns: boolean }>(
    `SELECT pg_has_role(relowner, 'MEMBER') AS owns FROM pg_class WHERE oid = '_prisma_migrations'::regclass`,
  );
  if (owners[0]?.owns !== true) {
    throw new StartError(
      "The database can't be migrated by a role that doesn't own its tables: set PODGATE_MIGRATION_DATABASE_URL",
    );
  }
  await session.query(
    `UPDATE _prisma_migrations SET finished_at = now() WHERE ${unfinished} AND applied_steps_count > 0`,
  );
  await session.query(`DELETE FROM _prisma_migrations WHERE ${unfinished}`);
}

async function apply(url: string, folder: string): Promise<readonly string[]> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  let told: unknown;
  const schema = readFileSync(join(folder, 'schema.prisma'), 'utf8');
  const engine = await openSchemaEngine(pool, schema, (error) => {
    told = error;
  });
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: join(folder, 'migrations'),
        lockfile: { path: 'migration_lock.toml', content: read(folder, 'migration_lock.toml') },
        shadowDbInitScript: '',
        migrationDirectories: migrationNames(folder).map((name) => ({
          path: name,
          migrationFile: {
            path: 'migration.sql',
            content: { tag: 'ok', value: read(folder, name, 'migration.sql') },
          },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } catch (error) {
    const cause = told ?? error;
    const reason = cause instanceof Error ? cause.message.replaceAll(/\s+/g, ' ').trim() : String(cause);
    throw new StartError(`The database can't be migrated: ${reason}`, { cause });
  } finally {
    engine.free();
    await pool.end();
  }
}

function read(folder: string, ...path: string[]): string {
  return readFileSync(join(folder, 'migrations', ...path), 'utf8');
}

function migrationNames(folder: string): readonly string[] {
  return readdirSync(join(folder, 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The package's folder `prisma`: above this file, whether it runs as TypeScript or built into dist. */
export function prismaFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = join(folder, 'prisma');
    if (existsSync(join(found, 'schema.prisma'))) return found;
    if (folder === dirname(folder))
      throw new StartError('The folder prisma is missing from this installation.');
  }
}
