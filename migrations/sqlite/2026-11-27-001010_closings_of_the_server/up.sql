-- A tender whose key the server holds is closed too: no ceremony made its key. The table is made anew.
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE closings_new (
    tender_id TEXT NOT NULL PRIMARY KEY REFERENCES tenders (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    ceremony_id TEXT REFERENCES opener_ceremonies (id),
    content TEXT NOT NULL,
    root TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    reserves_called_at TIMESTAMP,
    lost_at TIMESTAMP,
    lost_because TEXT
);
INSERT INTO closings_new SELECT tender_id, tenant_id, ceremony_id, content, root, entry_id, closed_at, reserves_called_at, lost_at, lost_because FROM closings;
DROP TABLE closings;
ALTER TABLE closings_new RENAME TO closings;
CREATE INDEX closings_by_reserves_called_at ON closings (reserves_called_at, closed_at);
-- The runner looks every two seconds for tenders whose bids were due.
CREATE INDEX tenders_unopened_by_bid_deadline ON tenders (bid_deadline) WHERE opened_at IS NULL;
COMMIT;
PRAGMA foreign_keys = ON;
