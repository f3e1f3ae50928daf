ALTER TABLE organisation_standings DROP COLUMN known_on;
