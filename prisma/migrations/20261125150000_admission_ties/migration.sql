-- The mutations of the last seconds, so that the validation of the same pod finds its own at whichever instance it is
-- answered. Unlogged: a crash of the server loses it, and nothing but that pointer depends on it.
CREATE UNLOGGED TABLE admission_ties (
  decision_id uuid PRIMARY KEY,
  key bytea NOT NULL,
  noted_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX admission_ties_key_noted_at_idx ON admission_ties (key, noted_at);
