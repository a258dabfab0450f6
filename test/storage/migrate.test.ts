import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { isMigrated, migrate, prismaFolder } from '../../src/storage/migrate.js';
import { openSchemaEngine } from '../../src/storage/schema-engine.js';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, dropDatabase } from '../support/database.js';

interface TestPool {
  readonly pool: pg.Pool;
  readonly url: string;
}

const pools: TestPool[] = [];

async function emptyDatabase(): Promise<TestPool> {
  const url = await createDatabase('template1');
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pools.push({ pool, url });
  return { pool, url };
}

afterEach(async () => {
  for (const { pool, url } of pools.splice(0)) {
    await pool.end();
    await dropDatabase(url);
  }
});

/** A copy of the folder prisma with one more migration. */
function folderWith(name: string, sql: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'podgate-prisma-'));
  cpSync(prismaFolder(), folder, { recursive: true });
  mkdirSync(join(folder, 'migrations', name));
  writeFileSync(join(folder, 'migrations', name, 'migration.sql'), sql);
  return folder;
}

describe('migrate', () => {
  test('migrates an empty database once and does nothing the second time', async () => {
    const { pool, url } = await emptyDatabase();
    expect(await isMigrated(pool)).toBe(false);
    expect(await migrate(url)).toContain('20261123000000_init');
    expect(await isMigrated(pool)).toBe(true);
    expect(await migrate(url)).toEqual([]);
  });

  test('lets several processes migrate at the same time: one works, the others find nothing to do', async () => {
    const { url } = await emptyDatabase();
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url)));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  });

  test('accepts a database that a newer version has migrated', async () => {
    const { pool, url } = await emptyDatabase();
    const newer = folderWith('20991231000000_later', 'CREATE TABLE later (id int);');
    expect(await migrate(url, newer)).toContain('20991231000000_later');
    expect(await migrate(url)).toEqual([]);
    expect(await isMigrated(pool)).toBe(true);
  });

  test('applies a script whole or not at all, and can go on once it is mended', async () => {
    const { pool, url } = await emptyDatabase();
    const broken = folderWith('20991231000000_later', 'CREATE TABLE half (id int); SELECT nonsense;');
    await expect(migrate(url, broken)).rejects.toThrow(/The database can't be migrated: .*nonsense/);
    expect((await pool.query(`SELECT to_regclass('half') AS half`)).rows).toEqual([{ half: null }]);
    const mended = folderWith('20991231000000_later', 'CREATE TABLE half (id int);');
    expect(await migrate(url, mended)).toEqual(['20991231000000_later']);
  });

  test('goes on after a process that was killed between a script and the record that it is done', async () => {
    const { pool, url } = await emptyDatabase();
    await migrate(url);
    await pool.query('UPDATE _prisma_migrations SET finished_at = NULL');
    expect(await migrate(url)).toEqual([]);
    expect(await isMigrated(pool)).toBe(true);
  });

  test('makes the tables that schema.prisma describes', async () => {
    const { pool: migrated, url } = await emptyDatabase();
    const { pool: described } = await emptyDatabase();
    await migrate(url);
    const schema = readFileSync(join(prismaFolder(), 'schema.prisma'), 'utf8');
    const engine = await openSchemaEngine(described, schema);
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    engine.free();
    await described.query(stdout ?? '');
    const columns = await tableColumns(described);
    expect(columns.length).toBeGreaterThan(80);
    expect(await tableColumns(migrated)).toEqual(columns);
    expect(await keys(migrated)).toEqual(expect.arrayContaining(await keys(described)));
  });
});

/** Every column: table, name, type, nullability, default. */
async function tableColumns(pool: pg.Pool): Promise<readonly unknown[]> {
  const { rows } = await pool.query(`
    SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
      a.attnotnull AS required, pg_get_expr(d.adbin, d.adrelid) AS default
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname <> '_prisma_migrations'
    ORDER BY 1, 2`);
  return rows;
}

/** Every primary key, index and foreign key, by the columns. */
async function keys(pool: pg.Pool): Promise<unknown[]> {
  const { rows } = await pool.query(`
    SELECT i.indrelid::regclass::text AS table, i.indisunique AS unique,
      regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING', '') AS columns, NULL AS deletes
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND c.relname <> '_prisma_migrations'
    UNION ALL
    SELECT conrelid::regclass::text, NULL, replace(pg_get_constraintdef(oid), ' ON UPDATE RESTRICT', ''), confdeltype
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
    ORDER BY 1, 3`);
  return rows;
}
