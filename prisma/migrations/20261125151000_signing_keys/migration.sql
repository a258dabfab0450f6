-- The private keys that sign checkpoints, where replicas share them through the database: encrypted with a secret that
-- is not in it (src/access/sealed-key.ts). The one that isn't retired signs.

CREATE TABLE signing_keys (
  key_id text PRIMARY KEY,
  sealed text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  retired_at timestamptz(3)
);
CREATE UNIQUE INDEX signing_keys_current_key ON signing_keys ((true)) WHERE retired_at IS NULL;
