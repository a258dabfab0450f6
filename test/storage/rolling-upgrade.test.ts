import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createDatabase, dropDatabase } from '../support/database.js';
import { incompatibilities, readSchemaOffer, type SchemaOffer } from './schema-offer.js';

/**
 * What each released version's schema offered. In a rolling upgrade the older program works on for a while beside the
 * newer one, on the schema of the newer. Once a version is released its file stays as it is; that of the next one is
 * written by `PODGATE_FREEZE_SCHEMA=VERSION npx vitest run test/storage/rolling-upgrade.test.ts`.
 */
const RELEASED = join(import.meta.dirname, 'released');

let url: string;
let pool: pg.Pool;
let newest: SchemaOffer;

beforeAll(async () => {
  url = await createDatabase(inject('templateDatabase'));
  pool = new pg.Pool({ connectionString: url, max: 2 });
  newest = await readSchemaOffer(pool);
  const version = process.env['PODGATE_FREEZE_SCHEMA'];
  if (version !== undefined)
    writeFileSync(join(RELEASED, `${version}.json`), `${JSON.stringify(newest, null, 2)}\n`);
});

afterAll(async () => {
  await pool.end();
  await dropDatabase(url);
});

describe('a rolling upgrade', () => {
  test('reads a whole schema', () => {
    expect(Object.keys(newest.columns).length).toBeGreaterThan(80);
    expect(newest.demands.length).toBeGreaterThan(20);
    expect(newest.functions.length).toBeGreaterThan(1);
  });

  test.each(readdirSync(RELEASED))('the newest schema still serves the program of %s', (file) => {
    const released = JSON.parse(readFileSync(join(RELEASED, file), 'utf8')) as SchemaOffer; // written above
    expect(incompatibilities(released, newest)).toEqual([]);
  });

  const changes: readonly (readonly [change: string, sql: string, reason: string])[] = [
    ['drops a column', 'ALTER TABLE tokens DROP COLUMN name', 'column tokens.name is gone'],
    ['renames a table', 'ALTER TABLE tokens RENAME TO keys', 'column tokens.id is gone'],
    [
      'changes a type',
      'ALTER TABLE clusters ALTER COLUMN display_name TYPE varchar(80)',
      'column clusters.display_name was text and is character varying(80)',
    ],
    [
      'adds a column without a default',
      'ALTER TABLE tokens ADD COLUMN colour text NOT NULL',
      'column tokens.colour is new and must be given',
    ],
    [
      'asks for a value that could be absent',
      `ALTER TABLE clusters ALTER COLUMN display_name SET NOT NULL`,
      'column clusters.display_name may not be null now',
    ],
    [
      'adds a unique index',
      'CREATE UNIQUE INDEX ON clusters (display_name)',
      'new demand on clusters.: unique btree (display_name)',
    ],
    [
      'adds a check',
      `ALTER TABLE clusters ADD CHECK (display_name <> '')`,
      `new demand on clusters.: CHECK ((display_name <> ''::text))`,
    ],
    [
      'drops an index that ON CONFLICT needs',
      'ALTER TABLE pod_contents DROP CONSTRAINT pod_contents_pkey CASCADE',
      'constraint or unique index is gone: pod_contents.: unique btree (digest)',
    ],
  ];

  test.each(changes)('a migration that %s would be found', async (_, sql, reason) => {
    const connection = await pool.connect();
    try {
      await connection.query('BEGIN');
      await connection.query(sql);
      const changed = await readSchemaOffer(connection);
      expect(incompatibilities(newest, changed)).toContain(reason);
    } finally {
      await connection.query('ROLLBACK');
      connection.release();
    }
  });

  test('a migration that only adds is fine', async () => {
    const connection = await pool.connect();
    try {
      await connection.query('BEGIN');
      await connection.query(
        `ALTER TABLE tokens ADD COLUMN colour text, ADD COLUMN size int NOT NULL DEFAULT 1`,
      );
      await connection.query('CREATE TABLE later (id uuid PRIMARY KEY, name text NOT NULL UNIQUE)');
      const changed = await readSchemaOffer(connection);
      expect(incompatibilities(newest, changed)).toEqual([]);
    } finally {
      await connection.query('ROLLBACK');
      connection.release();
    }
  });
});
