-- Partitions that nothing is left in disappear, and none of this holds an append up.

-- PostgreSQL compresses nothing in a row before it is longer than 2 KB, and then brings it to 512 bytes by moving every
-- longer column elsewhere, a row for each: seven writes instead of one, and more room in all. So all stay in the row.
CREATE OR REPLACE FUNCTION prepare_decision_partition(partition regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kept text;
BEGIN
  EXECUTE format('DROP TRIGGER IF EXISTS never_emptied ON %s', partition);
  EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s EXECUTE FUNCTION refuse_change_of_log()', partition);
  FOREACH kept IN ARRAY ARRAY['detail', 'requester', 'reason', 'controls', 'content_digest', 'policy_set_digest', 'digest',
    'namespace', 'name', 'kind', 'api_version', 'pod_path', 'actor'] LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE MAIN', partition, kept);
  END LOOP;
  EXECUTE format('ALTER TABLE %s SET (toast_tuple_target = 512)', partition);
END $$;

SELECT prepare_decision_partition(inhrelid) FROM pg_inherits WHERE inhparent = 'decisions'::regclass;

CREATE FUNCTION past_decision_partitions() RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'decisions'::regclass
    AND inhrelid::regclass::text < 'decisions_' || to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYY_MM')
$$;
COMMENT ON FUNCTION past_decision_partitions IS 'The partitions of months that are over; never the default one.';

CREATE OR REPLACE FUNCTION remove_decisions(
  of_cluster uuid, through bigint, through_digest bytea, by_key text, with_signature bytea, at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  partition regclass;
  kept boolean;
  emptied regclass[] := '{}';
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
  DELETE FROM decision_batches WHERE cluster_id = of_cluster AND last_sequence <= through;
  FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'decisions'::regclass LOOP
    kept := partition NOT IN (SELECT past_decision_partitions());
    IF NOT kept THEN
      EXECUTE format($check$
        SELECT EXISTS (SELECT FROM clusters c WHERE EXISTS (
          SELECT FROM %s d WHERE d.cluster_id = c.id AND d.sequence > coalesce((
            SELECT max(p.sequence) FROM decision_checkpoints p WHERE p.cluster_id = c.id AND p.kind = 'REMOVAL'
          ), 0)))$check$, partition) INTO kept;
    END IF;
    IF kept THEN
      EXECUTE format('DELETE FROM %s WHERE cluster_id = $1 AND sequence <= $2', partition) USING of_cluster, through;
    ELSE
      emptied := emptied || partition;
    END IF;
  END LOOP;
  -- At the end, so that readers, who look into every partition, wait no longer than a moment. Appends don't: they look
  -- only into the partition of their own month.
  FOREACH partition IN ARRAY emptied LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '500ms', true);
      EXECUTE format('TRUNCATE %s', partition);
    EXCEPTION WHEN lock_not_available THEN
      EXECUTE format('DELETE FROM %s WHERE cluster_id = $1 AND sequence <= $2', partition) USING of_cluster, through;
    END;
  END LOOP;
  PERFORM set_config('podgate.removing', '', true);
  RETURN removed;
END $$;

CREATE FUNCTION drop_empty_decision_partition() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  partition regclass;
  empty boolean;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('podgate_remove_decisions')) THEN
    RETURN false;
  END IF;
  FOR partition IN SELECT past_decision_partitions() LOOP
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', partition) INTO empty;
    CONTINUE WHEN NOT empty;
    -- Dropping takes the table and its default partition. Whoever waits for a lock makes all that come later wait
    -- behind him, so nobody waits here: it is taken where it is free, for the moment that dropping what is empty takes.
    BEGIN
      LOCK TABLE ONLY decisions, decisions_default IN ACCESS EXCLUSIVE MODE NOWAIT;
      EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', partition);
    EXCEPTION WHEN lock_not_available THEN
      RETURN false;
    END;
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', partition) INTO empty;
    IF empty THEN
      EXECUTE format('DROP TABLE %s', partition);
      RETURN true;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION drop_empty_decision_partition IS
  'Drops a partition of the past in which nothing is left: true where it did, false where something else is at the log, null where there is none.';

REVOKE EXECUTE ON FUNCTION past_decision_partitions, drop_empty_decision_partition FROM PUBLIC;
