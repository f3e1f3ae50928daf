-- The day on which the fact behind a list entry was known (R092).
ALTER TABLE organisation_standings ADD COLUMN known_on DATE;
