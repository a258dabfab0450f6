-- Partitions in which everything has expired leave whole, signed up to their ends; row by row leaves only what has expired
-- in partitions that also hold something else, in parts that are bounded by decisions. What a removal leaves in other
-- tables (batches, and what the log is searched with) is cleared away afterwards: nothing reads it any more.

CREATE FUNCTION expired_decision_partition(at timestamptz, most_elsewhere integer)
RETURNS TABLE (of_partition text, of_cluster uuid, through bigint, through_digest bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  candidate text;
  month timestamp;
BEGIN
  FOR candidate IN SELECT past::text FROM past_decision_partitions() AS past ORDER BY 1 LOOP
    month := to_date(right(candidate, 7), 'YYYY_MM');
    RETURN QUERY EXECUTE format($query$
      WITH ends AS MATERIALIZED (
        SELECT c.id, batch.last_sequence, batch.digest,
          coalesce(batch.recorded_at < $1 - make_interval(days => c.retention_days), false) AS has_expired
        FROM clusters c CROSS JOIN LATERAL (
          SELECT d.sequence FROM %1$I d WHERE d.cluster_id = c.id ORDER BY d.sequence DESC LIMIT 1
        ) AS held LEFT JOIN LATERAL (
          SELECT b.last_sequence, b.digest, b.recorded_at FROM decision_batches b
          WHERE b.cluster_id = c.id AND b.last_sequence >= held.sequence ORDER BY b.last_sequence LIMIT 1
        ) AS batch ON true
      ), elsewhere AS (
        SELECT FROM ends JOIN decisions d ON d.cluster_id = ends.id AND d.sequence <= ends.last_sequence
          AND (d.id < %2$L OR d.id >= %3$L) LIMIT $2 + 1
      )
      SELECT %1$L, id, last_sequence, digest FROM ends
      WHERE (SELECT bool_and(has_expired) FROM ends) AND (SELECT count(*) FROM elsewhere) <= $2$query$, candidate,
      uuidv7_floor(month AT TIME ZONE 'UTC'), uuidv7_floor((month + interval '1 month') AT TIME ZONE 'UTC')
    ) USING at, most_elsewhere;
    EXIT WHEN FOUND;
  END LOOP;
END $$;
COMMENT ON FUNCTION expired_decision_partition IS
  'The oldest partition of the past in which all is expired at that time: for each of its logs the end of the batch that its last decision is in. Only where no more than so many decisions before those ends are in other partitions.';

CREATE FUNCTION remove_decision_partition(of_partition text, checkpoints json) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  month timestamp := to_date(right(of_partition, 7), 'YYYY_MM');
  is_other boolean;
  removed bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('podgate_remove_decisions'));
  IF of_partition NOT IN (SELECT past::text FROM past_decision_partitions() AS past) THEN
    RETURN NULL;
  END IF;
  -- Readers look into every partition: behind this lock they wait no longer than that, whether it is got or not. Appends
  -- look only into the partition of their own month.
  PERFORM set_config('lock_timeout', '500ms', true);
  BEGIN
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', of_partition);
  EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
  END;
  -- Something may have come in late, or been removed, since it was looked at and signed.
  EXECUTE format($query$
    WITH given AS (
      SELECT * FROM json_to_recordset($1) AS given (cluster_id uuid, sequence bigint, digest bytea)
    )
    SELECT EXISTS (
      SELECT FROM clusters c LEFT JOIN given ON given.cluster_id = c.id CROSS JOIN LATERAL (
        SELECT d.sequence FROM %I d WHERE d.cluster_id = c.id ORDER BY d.sequence DESC LIMIT 1
      ) AS held WHERE held.sequence > coalesce(given.sequence, 0)
    ) OR EXISTS (
      SELECT FROM given WHERE given.sequence <= removed_through(given.cluster_id) OR NOT EXISTS (
        SELECT FROM decision_batches b
        WHERE b.cluster_id = given.cluster_id AND b.last_sequence = given.sequence AND b.digest = given.digest)
    )$query$, of_partition) INTO is_other USING checkpoints;
  IF is_other THEN
    RETURN NULL;
  END IF;
  SELECT sum(given.sequence - removed_through(given.cluster_id)) INTO removed
    FROM json_to_recordset(checkpoints) AS given (cluster_id uuid, sequence bigint);
  INSERT INTO decision_checkpoints (cluster_id, sequence, kind, digest, key_id, signature, signed_at)
    SELECT cluster_id, sequence, 'REMOVAL', digest, key_id, signature, signed_at FROM json_to_recordset(checkpoints)
      AS given (cluster_id uuid, sequence bigint, digest bytea, key_id text, signature bytea, signed_at timestamptz);
  PERFORM set_config('podgate.removing', 'on', true);
  EXECUTE format($query$
    DELETE FROM decisions d USING json_to_recordset($1) AS given (cluster_id uuid, sequence bigint)
    WHERE d.cluster_id = given.cluster_id AND d.sequence <= given.sequence AND (d.id < %L OR d.id >= %L)$query$,
    uuidv7_floor(month AT TIME ZONE 'UTC'), uuidv7_floor((month + interval '1 month') AT TIME ZONE 'UTC')
  ) USING checkpoints;
  EXECUTE format('TRUNCATE %I', of_partition);
  PERFORM set_config('podgate.removing', '', true);
  RETURN removed;
END $$;
COMMENT ON FUNCTION remove_decision_partition IS
  'Removes what expired_decision_partition has found, leaving signed checkpoints, and tells how many decisions that were; null, and nothing is removed, where something else is at the partition or it is no longer what was found.';

CREATE FUNCTION removed_through(of_cluster uuid) RETURNS bigint LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(max(sequence), 0) FROM decision_checkpoints WHERE cluster_id = of_cluster AND kind = 'REMOVAL'
$$;
COMMENT ON FUNCTION removed_through IS 'The sequence up to which a log was removed; 0 for one that is whole.';

-- Where another server has removed as much meanwhile, nothing is left to do.
CREATE OR REPLACE FUNCTION remove_decisions(
  of_cluster uuid, through bigint, through_digest bytea, by_key text, with_signature bytea, at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  removed bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('podgate_remove_decisions'));
  removed := greatest(through - removed_through(of_cluster), 0);
  PERFORM set_config('podgate.removing', 'on', true);
  IF removed > 0 THEN
    PERFORM FROM decision_batches WHERE cluster_id = of_cluster AND last_sequence = through AND digest = through_digest;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no batch of cluster % ends at % with that digest', of_cluster, through
        USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO decision_checkpoints (cluster_id, sequence, kind, digest, key_id, signature, signed_at)
      VALUES (of_cluster, through, 'REMOVAL', through_digest, by_key, with_signature, at);
    DELETE FROM decisions WHERE cluster_id = of_cluster AND sequence <= through;
  END IF;
  DELETE FROM decision_batches WHERE cluster_id = of_cluster AND last_sequence <= through;
  PERFORM set_config('podgate.removing', '', true);
  RETURN removed;
END $$;

CREATE FUNCTION forget_removed_batches(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  forgotten bigint;
BEGIN
  PERFORM set_config('podgate.removing', 'on', true);
  DELETE FROM decision_batches WHERE ctid = ANY (ARRAY(
    SELECT batch.place FROM clusters c CROSS JOIN removed_through(c.id) AS through CROSS JOIN LATERAL (
      SELECT ctid AS place FROM decision_batches
      WHERE cluster_id = c.id AND last_sequence <= through ORDER BY last_sequence LIMIT most
    ) AS batch LIMIT most));
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  PERFORM set_config('podgate.removing', '', true);
  RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_removed_batches IS 'Deletes batches of removed decisions, so many at most, and tells how many.';

REVOKE EXECUTE ON FUNCTION expired_decision_partition, remove_decision_partition, removed_through, forget_removed_batches
  FROM PUBLIC;
