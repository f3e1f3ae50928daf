DROP TABLE score_amendments;
DROP TABLE outliers;
DROP TABLE sheet_remarks;
CREATE TABLE lot_evaluators (
    lot_id UUID NOT NULL REFERENCES lots (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    appointed_by UUID NOT NULL REFERENCES accounts (id),
    appointed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (lot_id, account_id)
);
INSERT INTO lot_evaluators (lot_id, account_id, appointed_by, appointed_at)
SELECT lot_id, account_id, appointed_by, appointed_at FROM panel_members;
DROP TABLE panel_members;
DROP TABLE panel_candidates;
DROP TABLE evaluations;
DROP TABLE expert_ties;
DROP TABLE expert_fields;
DROP TABLE experts;
