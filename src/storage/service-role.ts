import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** The role of the embedded server in which the service works; the tables belong to another one. */
const SERVICE_ROLE = 'podgate_service';

/** Tables whose rows are never changed: the service may read and add. */
const IMMUTABLE: ReadonlySet<string> = new Set([
  'policy_versions',
  'pod_contents',
  'pod_spec_revisions',
  'decisions',
  'decision_batches',
  'decision_checkpoints',
  'changes',
  'signing_keys',
]);

/** What the service may call with the owner's rights. */
const FUNCTIONS = [
  'ensure_decision_partitions(integer)',
  'remove_decisions(uuid, bigint, bytea, text, bytea, timestamptz)',
  'past_decision_partitions()',
  'drop_empty_decision_partition()',
  'expired_decision_partition(timestamptz, integer)',
  'remove_decision_partition(text, json)',
  'removed_through(uuid)',
  'forget_removed_batches(integer)',
];

/** Makes the service's role in the embedded server, with a new password, and gives the URL with which it connects. */
export async function makeServiceRole(ownerUrl: string): Promise<string> {
  const password = randomBytes(24).toString('hex');
  await asOwner(ownerUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [SERVICE_ROLE]);
    if (rowCount === 0) await client.query(`CREATE ROLE ${SERVICE_ROLE}`);
    await client.query(`ALTER ROLE ${SERVICE_ROLE} LOGIN PASSWORD '${password}'`);
  });
  const url = new URL(ownerUrl);
  url.username = SERVICE_ROLE;
  url.password = password;
  return url.href;
}

/**
 * Gives the service's role what it needs on the tables of another one, the owner, and nothing more: it can't change or
 * remove what is immutable, nor get at the partitions of the log or at what guards them.
 */
export async function grantService(ownerUrl: string, serviceUrl: string): Promise<void> {
  const role = pg.escapeIdentifier(decodeURIComponent(new URL(serviceUrl).username));
  await asOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
    );
    const names = rows.map(({ name }) => name).filter((name) => name !== '_prisma_migrations');
    const list = (tables: readonly string[]) => tables.map((name) => pg.escapeIdentifier(name)).join(', ');
    await client.query('BEGIN');
    await client.query(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role}`);
    await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    await client.query(`GRANT SELECT ON _prisma_migrations TO ${role}`);
    await client.query(`GRANT SELECT, INSERT ON ${list(names)} TO ${role}`);
    const changing = names.filter((name) => !IMMUTABLE.has(name));
    await client.query(`GRANT UPDATE, DELETE ON ${list(changing)} TO ${role}`);
    await client.query(`GRANT EXECUTE ON FUNCTION ${FUNCTIONS.join(', ')} TO ${role}`);
    await client.query('COMMIT');
  });
}

async function asOwner(ownerUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
