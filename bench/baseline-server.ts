/**
 * What the service is compared with: an Express handler that parses the same body and answers a constant (`/constant`),
 * and the same with one INSERT of one row for each (`/insert`). Prints its port.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';

const [, , databaseUrl = ''] = process.argv;
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
await pool.query(
  'CREATE TABLE IF NOT EXISTS baseline (id uuid PRIMARY KEY, at timestamptz NOT NULL, body text NOT NULL)',
);
const answer = { allowed: true, results: [] };

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json({ limit: '3mb' }));
app.post('/constant', (_request, response) => {
  response.json(answer);
});
app.post('/insert', async (request, response) => {
  const row = [randomUUID(), new Date(), JSON.stringify(request.body)];
  await pool.query({ name: 'insert', text: 'INSERT INTO baseline VALUES ($1, $2, $3)', values: row });
  response.json(answer);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`); // a server that listens has one
});
