-- For how many days a cluster's decisions are kept; null: for ever.

ALTER TABLE clusters ADD COLUMN retention_days integer CHECK (retention_days >= 1);
ALTER TABLE cluster_revisions ADD COLUMN retention_days integer;
