-- A case may have several tenders (a plan's, or one that is run again), so case_id is no longer unique: the table is made anew.
PRAGMA foreign_keys = OFF;
BEGIN;
-- Money is held for each lot now; until here a tender had exactly one.
UPDATE holds SET cause_kind = 'lot', cause_id = (SELECT l.id FROM lots l WHERE l.tender_id = holds.cause_id)
WHERE cause_kind = 'tender' AND EXISTS (SELECT 1 FROM lots l WHERE l.tender_id = holds.cause_id);
-- What holds money so far is one line each, and keeps the hold's id; drafts plan to pay all from their fund.
INSERT INTO funding_lines (id, tenant_id, case_id, owner_kind, owner_id, position, fund_id, stream, year, amount_fen, state, hold_id, version, created_at)
SELECT h.id, h.tenant_id, h.case_id, h.cause_kind, h.cause_id, 1, h.fund_id, f.stream, f.year, h.amount_fen,
    CASE WHEN h.kind = 'commitment' THEN 'committed' WHEN h.used_fen + h.released_fen < h.amount_fen THEN 'reserved'
        WHEN h.used_fen > 0 THEN 'moved' ELSE 'released' END, h.id, 1, h.created_at
FROM holds h JOIN funds f ON f.id = h.fund_id
WHERE h.cause_kind IN ('lot', 'contract') AND NOT EXISTS (SELECT 1 FROM funding_lines x WHERE x.hold_id = h.id);
INSERT INTO funding_lines (id, tenant_id, case_id, owner_kind, owner_id, position, fund_id, stream, year, amount_fen, state, version, created_at)
SELECT l.id, l.tenant_id, l.case_id, 'lot', l.id, 1, t.fund_id, f.stream, f.year, l.ceiling_fen, 'planned', 1, t.created_at
FROM lots l JOIN tenders t ON t.id = l.tender_id JOIN funds f ON f.id = t.fund_id WHERE t.state IN ('draft', 'returned');

CREATE TABLE tenders_new (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    catalogue_item_id TEXT NOT NULL REFERENCES catalogue_items (id),
    rule_set_id TEXT NOT NULL REFERENCES rule_sets (id),
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
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    solicitation TEXT NOT NULL DEFAULT 'public',
    amendment INTEGER NOT NULL DEFAULT 0,
    procedure_reason TEXT,
    named_organisation_id TEXT REFERENCES organisations (id),
    publicity_until TIMESTAMP,
    predecessor_lot_id TEXT REFERENCES lots (id)
);
INSERT INTO tenders_new SELECT id, tenant_id, case_id, unit_id, catalogue_item_id, rule_set_id, title, description, mode, procedure, plain_offers, state, return_reason, drafted_by, approved_by, published_at, bid_deadline, opened_at, version, created_at, 'public', 0, NULL, NULL, NULL, NULL FROM tenders;
DROP TABLE tenders;
ALTER TABLE tenders_new RENAME TO tenders;
CREATE INDEX tenders_by_tenant_id_published_at_id ON tenders (tenant_id, published_at, id);
CREATE INDEX tenders_by_tenant_id_unit_id_created_at ON tenders (tenant_id, unit_id, created_at);
CREATE INDEX tenders_by_tenant_id_created_at_id ON tenders (tenant_id, created_at, id);
CREATE INDEX tenders_by_case_id ON tenders (case_id);

CREATE TABLE invitations (
    tender_id TEXT NOT NULL REFERENCES tenders (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    invited_by TEXT NOT NULL REFERENCES accounts (id),
    invited_at TIMESTAMP NOT NULL,
    PRIMARY KEY (tender_id, organisation_id)
);
CREATE INDEX invitations_by_organisation_id ON invitations (organisation_id);

COMMIT;
PRAGMA foreign_keys = ON;
