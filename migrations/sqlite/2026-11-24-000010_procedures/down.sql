-- A lot is funded in lines; the former schema knows one fund of a tender, and fails for a tender without any.
-- Fails where a case has several tenders: the former schema cannot hold them.
PRAGMA foreign_keys = OFF;
BEGIN;
UPDATE holds SET cause_kind = 'tender', cause_id = (SELECT l.tender_id FROM lots l WHERE l.id = holds.cause_id)
WHERE cause_kind = 'lot' AND EXISTS (SELECT 1 FROM lots l WHERE l.id = holds.cause_id);
DROP TABLE invitations;
CREATE TABLE tenders_old (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    case_id TEXT NOT NULL UNIQUE,
    unit_id TEXT NOT NULL REFERENCES units (id),
    catalogue_item_id TEXT NOT NULL REFERENCES catalogue_items (id),
    rule_set_id TEXT NOT NULL REFERENCES rule_sets (id),
    fund_id TEXT NOT NULL REFERENCES funds (id),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    mode TEXT NOT NULL,
    procedure TEXT NOT NULL,
    plain_offers BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    return_reason TEXT,
    drafted_by TEXT NOT NULL REFERENCES accounts (id),
    approved_by TEXT REFERENCES accounts (id),
    published_at TIMESTAMP,
    bid_deadline TIMESTAMP,
    opened_at TIMESTAMP,
    reservation_id TEXT REFERENCES holds (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
INSERT INTO tenders_old SELECT t.id, t.tenant_id, t.case_id, t.unit_id, t.catalogue_item_id, t.rule_set_id, (SELECT x.fund_id FROM funding_lines x JOIN lots l ON l.id = x.owner_id WHERE l.tender_id = t.id AND x.fund_id IS NOT NULL ORDER BY x.created_at, x.position LIMIT 1), t.title, t.description, t.mode, t.procedure, t.plain_offers, t.state, t.return_reason, t.drafted_by, t.approved_by, t.published_at, t.bid_deadline, t.opened_at, (SELECT x.hold_id FROM funding_lines x JOIN lots l ON l.id = x.owner_id WHERE l.tender_id = t.id AND x.state = 'reserved' ORDER BY x.created_at LIMIT 1), t.version, t.created_at FROM tenders t;
DROP TABLE tenders;
ALTER TABLE tenders_old RENAME TO tenders;
CREATE INDEX tenders_by_tenant_id_published_at_id ON tenders (tenant_id, published_at, id);
CREATE INDEX tenders_by_tenant_id_unit_id_created_at ON tenders (tenant_id, unit_id, created_at);
CREATE INDEX tenders_by_tenant_id_created_at_id ON tenders (tenant_id, created_at, id);
COMMIT;
PRAGMA foreign_keys = ON;
