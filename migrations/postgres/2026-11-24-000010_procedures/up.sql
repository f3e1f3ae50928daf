-- A case may have several tenders: a plan's, or one that is run again.
ALTER TABLE tenders DROP CONSTRAINT tenders_case_id_key;
CREATE INDEX tenders_by_case_id ON tenders (case_id);
ALTER TABLE tenders ADD COLUMN solicitation TEXT NOT NULL DEFAULT 'public';
ALTER TABLE tenders ADD COLUMN amendment INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenders ADD COLUMN procedure_reason TEXT;
ALTER TABLE tenders ADD COLUMN named_organisation_id UUID REFERENCES organisations (id);
ALTER TABLE tenders ADD COLUMN publicity_until TIMESTAMP;
ALTER TABLE tenders ADD COLUMN predecessor_lot_id UUID REFERENCES lots (id);

CREATE TABLE invitations (
    tender_id UUID NOT NULL REFERENCES tenders (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    invited_by UUID NOT NULL REFERENCES accounts (id),
    invited_at TIMESTAMP NOT NULL,
    PRIMARY KEY (tender_id, organisation_id)
);
CREATE INDEX invitations_by_organisation_id ON invitations (organisation_id);

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
ALTER TABLE tenders DROP COLUMN fund_id;
ALTER TABLE tenders DROP COLUMN reservation_id;
