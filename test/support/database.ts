import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.js';

/**
 * A database of the test file's own, migrated and empty, closed and removed after its tests. Call it in `beforeAll` or
 * at the top of the file.
 */
export async function testDatabase(): Promise<Database> {
  const url = await createDatabase(inject('templateDatabase'));
  const database = await openDatabase({ databaseUrl: url, dataDir: '/nonexistent', databasePoolSize: 10 });
  afterAll(async () => {
    await database.close();
    await dropDatabase(url);
  });
  return database;
}

/** Makes a database, a copy of `template` (PostgreSQL's own `template1` for an empty one), and gives its URL. */
export async function createDatabase(template: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // Copies of one template wait for each other; the lock makes that a queue instead of an error.
  await onServer(async (client) => {
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

/** Removes a database that {@link createDatabase} made, also while connections are open. */
export async function dropDatabase(url: string): Promise<void> {
  await onServer((client) =>
    client.query(`DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`),
  );
}

async function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
