-- What mode ENFORCE would have refused, counted by hour and day as decision_counts is: pods that were denied and let
-- through because of the mode, each creation once. The fold has a place of its own in each log, which begins at the
-- log's beginning: so what was recorded before is counted too, and a program that doesn't know these counts can fold
-- beside one that does.

ALTER TABLE decision_folds ADD COLUMN would_deny_sequence bigint NOT NULL DEFAULT 0;

-- Keys: of TOTAL the empty one, of CONTROL one that spoke against the pod, of WORKLOAD a JSON list of namespace, kind and
-- name.
CREATE TABLE decision_would_denies (
  cluster_id uuid NOT NULL,
  resolution text NOT NULL CHECK (resolution IN ('HOUR', 'DAY')),
  starts_at timestamptz(3) NOT NULL,
  namespace text NOT NULL,
  dimension text NOT NULL CHECK (dimension IN ('TOTAL', 'CONTROL', 'WORKLOAD')),
  key text NOT NULL,
  pods bigint NOT NULL,
  PRIMARY KEY (cluster_id, resolution, starts_at, namespace, dimension, key)
);
