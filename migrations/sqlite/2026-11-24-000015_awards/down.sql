-- Fails where an award has no bid: the former schema cannot hold it.
PRAGMA foreign_keys = OFF;
BEGIN;
DROP INDEX tenders_by_predecessor_lot_id;
DROP TABLE complaint_points;
DROP TABLE complaints;
DROP TABLE challenge_points;
DROP TABLE challenges;
DROP TABLE suspensions;
CREATE TABLE awards_old (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    tender_id TEXT NOT NULL REFERENCES tenders (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    bid_id TEXT NOT NULL REFERENCES bids (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    price_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES accounts (id),
    confirmed_by TEXT REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
INSERT INTO awards_old (id, tenant_id, tender_id, lot_id, case_id, unit_id, bid_id, organisation_id, price_fen, state, proposed_by, confirmed_by, version, created_at)
SELECT id, tenant_id, tender_id, lot_id, case_id, unit_id, bid_id, organisation_id, price_fen, state, proposed_by, confirmed_by, version, created_at FROM awards;
DROP TABLE awards;
ALTER TABLE awards_old RENAME TO awards;
CREATE INDEX awards_by_lot_id ON awards (lot_id);
CREATE INDEX awards_by_case_id ON awards (case_id);
COMMIT;
PRAGMA foreign_keys = ON;
