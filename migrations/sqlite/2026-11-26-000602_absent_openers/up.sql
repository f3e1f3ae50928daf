-- Openers who are called only when others stay away, and bids that their bidders reveal when too few openers are left.
ALTER TABLE opener_ceremonies ADD COLUMN reserve_after_hours INTEGER NOT NULL DEFAULT 24;
ALTER TABLE ceremony_members ADD COLUMN reserve BOOLEAN NOT NULL DEFAULT 0;
ALTER TABLE closings ADD COLUMN reserves_called_at TIMESTAMP;
ALTER TABLE closings ADD COLUMN lost_at TIMESTAMP;
ALTER TABLE closings ADD COLUMN lost_because TEXT;
CREATE INDEX closings_by_reserves_called_at ON closings (reserves_called_at, closed_at);

CREATE TABLE bid_reveals (
    bid_id TEXT NOT NULL PRIMARY KEY REFERENCES bids (id),
    tender_id TEXT NOT NULL REFERENCES tenders (id),
    file_keys TEXT NOT NULL,
    revealed_by TEXT NOT NULL REFERENCES accounts (id),
    revealed_at TIMESTAMP NOT NULL
);
CREATE INDEX bid_reveals_by_tender_id ON bid_reveals (tender_id);
