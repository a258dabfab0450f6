/**
 * What the service is compared with: an Express handler that parses the same body and answers a constant (`/constant`),
 * and the same with one INSERT of one row for each (`/insert`): the object, what was decided about it and by what, in a
 * table that can be asked for the history of a cluster and of a workload. Prints its port.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';

const [, , databaseUrl = ''] = process.argv;
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
await pool.query(`
  CREATE TABLE IF NOT EXISTS baseline (
    id uuid PRIMARY KEY, cluster text NOT NULL, decided_at timestamptz NOT NULL, actor text NOT NULL,
    namespace text NOT NULL, kind text NOT NULL, name text NOT NULL,
    allowed boolean NOT NULL, code text NOT NULL, reason text NOT NULL, candidates jsonb NOT NULL, object jsonb NOT NULL
  )`);
await pool.query('CREATE INDEX IF NOT EXISTS baseline_log ON baseline (cluster, decided_at, id)');
await pool.query(
  'CREATE INDEX IF NOT EXISTS baseline_workload ON baseline (cluster, namespace, kind, name, decided_at)',
);
const answer = { allowed: true, results: [] };

/** Three policies of which two reject: as much as the service keeps of a typical denial. */
const violation = {
  control: 'hostNetwork',
  type: 'Invalid',
  field: 'spec.securityContext.hostNetwork',
  container: null,
  value: true,
  message: 'Host network is not allowed to be used',
};
const CANDIDATES = JSON.stringify([
  { policy: 'baseline', version: 1, outcome: 'ADMITTED', mutates: false, violations: [] },
  {
    policy: 'restricted',
    version: 1,
    outcome: 'REJECTED',
    mutates: true,
    violations: [violation, violation],
  },
  { policy: 'web-only', version: 1, outcome: 'REJECTED', mutates: true, violations: [violation, violation] },
]);
const REASON = 'Policy baseline admits the pod unchanged';
const INSERT = 'INSERT INTO baseline VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)';

/** As far as an object's names are kept. */
interface Named {
  readonly kind?: string;
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json({ limit: '3mb' }));
app.post('/constant', (_request, response) => {
  response.json(answer);
});
app.post('/insert', async (request, response) => {
  const { kind = '', metadata: { namespace = '', name = '' } = {} } = request.body as Named; // what is sent are pods
  const row = [randomUUID(), 'bench', new Date(), 'admin', namespace, kind, name, true, 'ADMITTED', REASON];
  const values = [...row, CANDIDATES, JSON.stringify(request.body)];
  await pool.query({ name: 'insert', text: INSERT, values });
  response.json(answer);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`); // a server that listens has one
});
