-- A tender whose key the server holds is closed too: no ceremony made its key.
ALTER TABLE closings ALTER COLUMN ceremony_id DROP NOT NULL;
-- The runner looks every two seconds for tenders whose bids were due.
CREATE INDEX tenders_unopened_by_bid_deadline ON tenders (bid_deadline) WHERE opened_at IS NULL;
