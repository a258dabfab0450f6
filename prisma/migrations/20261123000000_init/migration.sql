-- Clusters and the history of their settings.

CREATE TABLE clusters (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  display_name text,
  kubernetes_version text,
  add_service_account_volume boolean NOT NULL DEFAULT false,
  generation bigint NOT NULL DEFAULT 1,
  changed_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX clusters_name_key ON clusters (name);

CREATE TABLE cluster_revisions (
  id uuid PRIMARY KEY,
  cluster_id uuid NOT NULL REFERENCES clusters ON DELETE RESTRICT ON UPDATE RESTRICT,
  display_name text,
  kubernetes_version text,
  add_service_account_volume boolean NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3) CHECK (valid_to >= valid_from),
  created_by text NOT NULL,
  ended_by text,
  CHECK ((valid_to IS NULL) = (ended_by IS NULL))
);
CREATE INDEX cluster_revisions_cluster_id_valid_from_idx ON cluster_revisions (cluster_id, valid_from);
CREATE UNIQUE INDEX cluster_revisions_open_key ON cluster_revisions (cluster_id) WHERE valid_to IS NULL;

-- Policies and their versions.

CREATE TABLE policies (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  kind text NOT NULL DEFAULT 'PodSecurityPolicy',
  latest_version integer NOT NULL CHECK (latest_version >= 0),
  archived_at timestamptz(3),
  created_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX policies_name_key ON policies (name);

CREATE TABLE policy_versions (
  id uuid PRIMARY KEY,
  policy_id uuid NOT NULL REFERENCES policies ON DELETE RESTRICT ON UPDATE RESTRICT,
  number integer NOT NULL CHECK (number >= 1),
  digest text NOT NULL,
  content text NOT NULL,
  source text NOT NULL,
  source_format text NOT NULL CHECK (source_format IN ('yaml', 'json')),
  message text,
  author text NOT NULL,
  restored_from integer CHECK (restored_from < number),
  created_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX policy_versions_policy_id_number_key ON policy_versions (policy_id, number);

-- Assignments, valid from one instant to another.

CREATE TABLE assignments (
  id uuid PRIMARY KEY,
  cluster_id uuid NOT NULL REFERENCES clusters ON DELETE RESTRICT ON UPDATE RESTRICT,
  policy_id uuid NOT NULL REFERENCES policies ON DELETE RESTRICT ON UPDATE RESTRICT,
  pinned_version integer,
  subjects jsonb,
  namespaces jsonb,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3) CHECK (valid_to >= valid_from),
  created_by text NOT NULL,
  ended_by text,
  CHECK ((valid_to IS NULL) = (ended_by IS NULL)),
  FOREIGN KEY (policy_id, pinned_version) REFERENCES policy_versions (policy_id, number)
);
CREATE INDEX assignments_cluster_id_valid_from_idx ON assignments (cluster_id, valid_from);
CREATE INDEX assignments_policy_id_valid_from_idx ON assignments (policy_id, valid_from);
CREATE UNIQUE INDEX assignments_open_key ON assignments (cluster_id, policy_id) WHERE valid_to IS NULL;

-- Stored workloads.

CREATE TABLE pod_contents (
  digest text PRIMARY KEY,
  content text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE pod_specs (
  id uuid PRIMARY KEY,
  cluster_id uuid NOT NULL REFERENCES clusters ON DELETE RESTRICT ON UPDATE RESTRICT,
  namespace text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  latest_revision integer NOT NULL CHECK (latest_revision >= 0),
  created_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX pod_specs_cluster_id_namespace_kind_name_key ON pod_specs (cluster_id, namespace, kind, name);
CREATE INDEX pod_specs_cluster_id_id_idx ON pod_specs (cluster_id, id);

CREATE TABLE pod_spec_revisions (
  id uuid PRIMARY KEY,
  pod_spec_id uuid NOT NULL REFERENCES pod_specs ON DELETE RESTRICT ON UPDATE RESTRICT,
  number integer NOT NULL CHECK (number >= 1),
  content_digest text NOT NULL REFERENCES pod_contents ON DELETE RESTRICT ON UPDATE RESTRICT,
  author text NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX pod_spec_revisions_pod_spec_id_number_key ON pod_spec_revisions (pod_spec_id, number);

-- The decision log. Partitioned on the UUIDv7 key, whose first 48 bits are milliseconds since 1970.

CREATE TABLE decisions (
  id uuid NOT NULL,
  cluster_id uuid NOT NULL,
  sequence bigint NOT NULL,
  decided_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  source text NOT NULL,
  operation text NOT NULL,
  api_version text NOT NULL,
  kind text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  pod_path text NOT NULL,
  content_digest text NOT NULL,
  allowed boolean NOT NULL,
  code text NOT NULL,
  policy_version_id uuid,
  actor text NOT NULL,
  requester jsonb NOT NULL,
  policy_set_digest text NOT NULL,
  generation bigint NOT NULL,
  engine_version text NOT NULL,
  duration_us integer NOT NULL,
  reason text NOT NULL,
  controls text[],
  detail text NOT NULL,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX decisions_cluster_id_sequence_idx ON decisions (cluster_id, sequence);

CREATE TABLE decision_heads (
  cluster_id uuid PRIMARY KEY REFERENCES clusters ON DELETE RESTRICT ON UPDATE RESTRICT,
  last_sequence bigint NOT NULL DEFAULT 0
);

-- Idempotency keys, changes, tokens.

CREATE TABLE idempotency_keys (
  actor text NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  result text,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (actor, path, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

CREATE TABLE changes (
  id uuid PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  cluster_id uuid REFERENCES clusters ON DELETE RESTRICT ON UPDATE RESTRICT,
  policy_id uuid REFERENCES policies ON DELETE RESTRICT ON UPDATE RESTRICT,
  details jsonb NOT NULL
);
CREATE INDEX changes_cluster_id_id_idx ON changes (cluster_id, id);
CREATE INDEX changes_policy_id_id_idx ON changes (policy_id, id);

CREATE TABLE tokens (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  hash bytea NOT NULL,
  role text NOT NULL CHECK (role IN ('ADMIN', 'EDITOR', 'EVALUATOR', 'VIEWER')),
  clusters jsonb,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
CREATE UNIQUE INDEX tokens_hash_key ON tokens (hash);
CREATE UNIQUE INDEX tokens_living_name_key ON tokens (name) WHERE revoked_at IS NULL;

-- Immutability. Row triggers don't see TRUNCATE, so each table has a statement trigger too.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: its rows are immutable', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON policy_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON policy_versions EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON pod_contents FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON pod_contents EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON pod_spec_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON pod_spec_revisions EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON changes EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON decisions EXECUTE FUNCTION refuse_change();

-- Rows that are valid in time may be ended once and never changed otherwise: only valid_to and ended_by may be set.

CREATE FUNCTION allow_only_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL
    AND to_jsonb(NEW) - ARRAY['valid_to', 'ended_by'] = to_jsonb(OLD) - ARRAY['valid_to', 'ended_by'] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'UPDATE of % is refused: a row may be ended once and never changed otherwise', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ended_once BEFORE UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION allow_only_ending();
CREATE TRIGGER never_deleted BEFORE DELETE ON assignments FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON assignments EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ended_once BEFORE UPDATE ON cluster_revisions FOR EACH ROW EXECUTE FUNCTION allow_only_ending();
CREATE TRIGGER never_deleted BEFORE DELETE ON cluster_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON cluster_revisions EXECUTE FUNCTION refuse_change();

-- Partitions of the decision log: one a month (UTC), made ahead, and one for everything else.

CREATE FUNCTION uuidv7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
COMMENT ON FUNCTION uuidv7_floor IS 'The lowest key that a UUIDv7 of that millisecond can have.';

CREATE TABLE decisions_default PARTITION OF decisions DEFAULT;
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON decisions_default EXECUTE FUNCTION refuse_change();

CREATE FUNCTION ensure_decision_partitions(months_ahead integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('podgate_decision_partitions'));
  FOR ahead IN 0..months_ahead LOOP
    partition := 'decisions_' || to_char(month, 'YYYY_MM');
    IF to_regclass(partition) IS NULL THEN
      -- Attaching, unlike CREATE … PARTITION OF, takes no lock that an append would wait for.
      EXECUTE format('CREATE TABLE %I (LIKE decisions INCLUDING ALL)', partition);
      EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', partition);
      BEGIN
        EXECUTE format('ALTER TABLE decisions ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition,
          uuidv7_floor(month AT TIME ZONE 'UTC'), uuidv7_floor((month + interval '1 month') AT TIME ZONE 'UTC'));
      EXCEPTION WHEN check_violation THEN
        -- Decisions of that month are in the default partition already: they stay there, with those that follow.
        EXECUTE format('DROP TABLE %I', partition);
      END;
    END IF;
    month := month + interval '1 month';
  END LOOP;
END $$;
COMMENT ON FUNCTION ensure_decision_partitions IS 'Makes the partitions of this month and the given number of months after it.';

SELECT ensure_decision_partitions(3);
