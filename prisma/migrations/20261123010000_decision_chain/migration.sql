-- The chain of digests over each cluster's decision log (src/model/decision-chain.ts says what each digest covers).

ALTER TABLE decisions ADD COLUMN digest bytea NOT NULL DEFAULT '';
ALTER TABLE decisions ALTER COLUMN digest DROP DEFAULT;
-- The longest column is compressed in place. Parts of rows in a table beside would cost more than they save.
ALTER TABLE decisions ALTER COLUMN detail SET STORAGE MAIN;

ALTER TABLE decision_heads ADD COLUMN digest bytea NOT NULL DEFAULT '';

-- What was appended to a cluster's log in one commit.
CREATE TABLE decision_batches (
  cluster_id uuid NOT NULL,
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL CHECK (last_sequence >= first_sequence),
  recorded_at timestamptz(3) NOT NULL,
  digest bytea NOT NULL,
  PRIMARY KEY (cluster_id, last_sequence)
);

-- Signed statements about a log: that it ended there with this digest (HEAD), that it was removed up to there (REMOVAL).
CREATE TABLE decision_checkpoints (
  cluster_id uuid NOT NULL,
  sequence bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('HEAD', 'REMOVAL')),
  digest bytea NOT NULL,
  key_id text NOT NULL,
  signature bytea NOT NULL,
  signed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (cluster_id, sequence, kind)
);

CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON decision_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON decision_checkpoints EXECUTE FUNCTION refuse_change();

-- Decisions and their batches are never changed, and removed by remove_decisions alone.

CREATE FUNCTION refuse_change_of_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' AND current_setting('podgate.removing', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% of % is refused: its rows are immutable', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON decision_batches
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_log();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON decision_batches EXECUTE FUNCTION refuse_change_of_log();
DROP TRIGGER immutable ON decisions;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_log();

CREATE OR REPLACE FUNCTION ensure_decision_partitions(months_ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
      PERFORM prepare_decision_partition(partition);
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

CREATE FUNCTION prepare_decision_partition(partition regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DROP TRIGGER IF EXISTS never_emptied ON %s', partition);
  EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s EXECUTE FUNCTION refuse_change_of_log()', partition);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN detail SET STORAGE MAIN', partition);
  -- Compress rows from this many bytes on, instead of 2 KB.
  EXECUTE format('ALTER TABLE %s SET (toast_tuple_target = 512)', partition);
END $$;
COMMENT ON FUNCTION prepare_decision_partition IS 'Gives a partition of decisions what it does not inherit.';

SELECT prepare_decision_partition(inhrelid) FROM pg_inherits WHERE inhparent = 'decisions'::regclass;

CREATE FUNCTION remove_decisions(
  of_cluster uuid, through bigint, through_digest bytea, by_key text, with_signature bytea, at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  partition regclass;
  whole boolean;
  removed bigint;
BEGIN
  -- One at a time: what is removed whole depends on what the others have removed.
  PERFORM pg_advisory_xact_lock(hashtext('podgate_remove_decisions'));
  PERFORM FROM decision_batches WHERE cluster_id = of_cluster AND last_sequence = through AND digest = through_digest;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no batch of cluster % ends at % with that digest', of_cluster, through
      USING ERRCODE = 'no_data_found';
  END IF;
  INSERT INTO decision_checkpoints (cluster_id, sequence, kind, digest, key_id, signature, signed_at)
    VALUES (of_cluster, through, 'REMOVAL', through_digest, by_key, with_signature, at);
  SELECT through - coalesce(min(sequence), through + 1) + 1 INTO removed
    FROM decisions WHERE cluster_id = of_cluster AND sequence <= through;
  PERFORM set_config('podgate.removing', 'on', true);
  -- Partitions of the past in which nothing else is left are emptied at once; only they are locked.
  FOR partition IN
    SELECT inhrelid FROM pg_inherits WHERE inhparent = 'decisions'::regclass
      AND inhrelid::regclass::text < 'decisions_' || to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYY_MM')
  LOOP
    EXECUTE format($check$
      SELECT NOT EXISTS (
        SELECT FROM %s d WHERE d.sequence > coalesce((
          SELECT max(c.sequence) FROM decision_checkpoints c WHERE c.cluster_id = d.cluster_id AND c.kind = 'REMOVAL'
        ), 0)) AND EXISTS (SELECT FROM %s)$check$, partition, partition) INTO whole;
    IF whole THEN
      EXECUTE format('TRUNCATE %s', partition);
    END IF;
  END LOOP;
  DELETE FROM decisions WHERE cluster_id = of_cluster AND sequence <= through;
  DELETE FROM decision_batches WHERE cluster_id = of_cluster AND last_sequence <= through;
  PERFORM set_config('podgate.removing', '', true);
  RETURN removed;
END $$;
COMMENT ON FUNCTION remove_decisions IS
  'The only way in which decisions leave the log: a cluster''s oldest ones, up to the end of a batch, leaving a signed checkpoint.';

REVOKE EXECUTE ON FUNCTION ensure_decision_partitions, prepare_decision_partition, remove_decisions FROM PUBLIC;
