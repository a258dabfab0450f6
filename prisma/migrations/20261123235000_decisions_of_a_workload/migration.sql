-- What was decided about a stored workload, and what last.

CREATE FUNCTION workload_key(namespace text, kind text, name text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended(namespace || chr(31) || kind || chr(31) || name, 0)
$$;
COMMENT ON FUNCTION workload_key IS 'A workload of a cluster as a number: short in the index, however long the names are.';

CREATE INDEX decisions_cluster_id_workload_key_sequence_idx
  ON decisions (cluster_id, workload_key(namespace, kind, name), sequence);
