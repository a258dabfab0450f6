-- What the decision log is searched and counted with. All of it is made from the log, a moment after the decisions
-- (src/storage/fold-decisions.ts), so that appending doesn't wait for it; what isn't folded yet is read from the log.

CREATE TABLE decision_folds (
  cluster_id uuid PRIMARY KEY REFERENCES clusters ON DELETE RESTRICT ON UPDATE RESTRICT,
  folded_sequence bigint NOT NULL DEFAULT 0
);

-- A segment is 1024 sequences of one log: its number is the sequence divided by 1024.
CREATE TABLE decision_segments (
  cluster_id uuid NOT NULL,
  segment bigint NOT NULL,
  first_decided_at timestamptz(3) NOT NULL,
  last_decided_at timestamptz(3) NOT NULL,
  PRIMARY KEY (cluster_id, segment)
);

-- Which segments hold a decision of which a term is true, such as that its namespace is "shop". Terms are hashes: a
-- collision costs a look into a segment in vain.
CREATE TABLE decision_terms (
  cluster_id uuid NOT NULL,
  term bigint NOT NULL,
  segment bigint NOT NULL,
  PRIMARY KEY (cluster_id, term, segment)
);

CREATE FUNCTION decision_term(dimension text, value text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended(dimension || chr(31) || value, 0)
$$;

-- How many decisions of an hour or day (UTC) had a key: of TOTAL the empty one, of CONTROL one that spoke against a denied
-- pod, of WORKLOAD a JSON list of namespace, kind and name of a denied one, of POLICY the id of the version that admitted.
CREATE TABLE decision_counts (
  cluster_id uuid NOT NULL,
  resolution text NOT NULL CHECK (resolution IN ('HOUR', 'DAY')),
  dimension text NOT NULL CHECK (dimension IN ('TOTAL', 'CONTROL', 'WORKLOAD', 'POLICY')),
  starts_at timestamptz(3) NOT NULL,
  key text NOT NULL,
  admitted bigint NOT NULL,
  denied bigint NOT NULL,
  PRIMARY KEY (cluster_id, resolution, dimension, starts_at, key)
);
