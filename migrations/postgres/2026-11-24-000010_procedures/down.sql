-- A lot is funded in lines; the former schema knows one fund of a tender, and fails for a tender without any.
-- Fails where a case has several tenders: the former schema cannot hold them.
ALTER TABLE tenders ADD COLUMN fund_id UUID REFERENCES funds (id);
ALTER TABLE tenders ADD COLUMN reservation_id UUID REFERENCES holds (id);
UPDATE tenders t SET fund_id = (SELECT x.fund_id FROM funding_lines x JOIN lots l ON l.id = x.owner_id WHERE l.tender_id = t.id AND x.fund_id IS NOT NULL ORDER BY x.created_at, x.position LIMIT 1),
    reservation_id = (SELECT x.hold_id FROM funding_lines x JOIN lots l ON l.id = x.owner_id WHERE l.tender_id = t.id AND x.state = 'reserved' ORDER BY x.created_at LIMIT 1);
ALTER TABLE tenders ALTER COLUMN fund_id SET NOT NULL;
UPDATE holds SET cause_kind = 'tender', cause_id = (SELECT l.tender_id FROM lots l WHERE l.id = holds.cause_id)
WHERE cause_kind = 'lot' AND EXISTS (SELECT 1 FROM lots l WHERE l.id = holds.cause_id);
DROP TABLE invitations;
ALTER TABLE tenders DROP COLUMN solicitation;
ALTER TABLE tenders DROP COLUMN amendment;
ALTER TABLE tenders DROP COLUMN procedure_reason;
ALTER TABLE tenders DROP COLUMN named_organisation_id;
ALTER TABLE tenders DROP COLUMN publicity_until;
ALTER TABLE tenders DROP COLUMN predecessor_lot_id;
DROP INDEX tenders_by_case_id;
ALTER TABLE tenders ADD UNIQUE (case_id);
