-- The admission webhook: how each cluster is enforced, the secrets with which its API server calls, and what a decision
-- says about the call that asked for it.

ALTER TABLE clusters
  ADD COLUMN mode text NOT NULL DEFAULT 'ENFORCE' CHECK (mode IN ('ENFORCE', 'WARN', 'AUDIT')),
  ADD COLUMN namespace_modes jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN mutate_always boolean NOT NULL DEFAULT false,
  ADD COLUMN on_unavailable text NOT NULL DEFAULT 'DENY' CHECK (on_unavailable IN ('DENY', 'ALLOW'));

ALTER TABLE cluster_revisions
  ADD COLUMN mode text NOT NULL DEFAULT 'ENFORCE' CHECK (mode IN ('ENFORCE', 'WARN', 'AUDIT')),
  ADD COLUMN namespace_modes jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN mutate_always boolean NOT NULL DEFAULT false,
  ADD COLUMN on_unavailable text NOT NULL DEFAULT 'DENY' CHECK (on_unavailable IN ('DENY', 'ALLOW'));

CREATE TABLE webhook_secrets (
  id uuid PRIMARY KEY,
  cluster_id uuid NOT NULL REFERENCES clusters ON DELETE RESTRICT ON UPDATE RESTRICT,
  hash bytea NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3)
);
CREATE UNIQUE INDEX webhook_secrets_hash_key ON webhook_secrets (hash);
CREATE INDEX webhook_secrets_cluster_id_id_idx ON webhook_secrets (cluster_id, id);

-- All null but of decisions that the webhook asked for.
ALTER TABLE decisions
  ADD COLUMN phase text,
  ADD COLUMN mode text,
  ADD COLUMN offline boolean,
  ADD COLUMN mutate_decision_id uuid;
