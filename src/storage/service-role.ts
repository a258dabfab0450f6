import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** The role of the embedded server in which the service works; the tables belong to another one. */
const SERVICE_ROLE = 'podgate_service';

type Change = 'UPDATE' | 'DELETE';

/**
 * Every table that this program knows, with what the service may do there beside reading and adding. Rows are locked
 * with the right to UPDATE. Where nothing stands the rows are immutable.
 */
export const TABLES: Readonly<Record<string, readonly Change[]>> = {
  clusters: ['UPDATE'],
  cluster_revisions: ['UPDATE'],
  policies: ['UPDATE'],
  policy_versions: [],
  assignments: ['UPDATE'],
  pod_specs: ['UPDATE'],
  pod_spec_revisions: [],
  pod_contents: [],
  decisions: [],
  decision_batches: [],
  decision_checkpoints: [],
  decision_heads: ['UPDATE'],
  decision_folds: ['UPDATE'],
  decision_segments: ['UPDATE', 'DELETE'],
  decision_terms: ['DELETE'],
  decision_counts: ['UPDATE'],
  decision_would_denies: ['UPDATE'],
  admission_ties: ['UPDATE', 'DELETE'],
  changes: [],
  tokens: ['UPDATE'],
  webhook_secrets: ['UPDATE'],
  signing_keys: [],
  idempotency_keys: ['UPDATE', 'DELETE'],
};

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
 * remove what is immutable, nor get at the partitions of the log or at what guards them. Tables that a newer program has
 * made stay as that one granted them.
 */
export async function grantService(ownerUrl: string, serviceUrl: string): Promise<void> {
  const role = pg.escapeIdentifier(decodeURIComponent(new URL(serviceUrl).username));
  await asOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ partition: string }>(
      `SELECT relid::text AS partition FROM pg_partition_tree('decisions') WHERE level > 0`,
    );
    const known = Object.keys(TABLES).join(', ');
    const partitions = rows.map(({ partition }) => partition).join(', ');
    await client.query('BEGIN');
    await client.query(`REVOKE ALL ON ${known}, ${partitions}, _prisma_migrations FROM ${role}`);
    await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    await client.query(`GRANT SELECT ON _prisma_migrations TO ${role}`);
    await client.query(`GRANT SELECT, INSERT ON ${known} TO ${role}`);
    for (const right of ['UPDATE', 'DELETE'] as const) {
      const tables = Object.keys(TABLES).filter((name) => TABLES[name]?.includes(right));
      await client.query(`GRANT ${right} ON ${tables.join(', ')} TO ${role}`);
    }
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
