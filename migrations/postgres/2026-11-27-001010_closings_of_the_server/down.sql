DROP INDEX tenders_unopened_by_bid_deadline;
DELETE FROM closings WHERE ceremony_id IS NULL;
ALTER TABLE closings ALTER COLUMN ceremony_id SET NOT NULL;
