ALTER TABLE evaluations DROP COLUMN commitments_closed_at;
DROP TABLE sheet_commitments;
