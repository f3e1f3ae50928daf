-- What each evaluator committed to before any sheet was shown. The nonce stays here until the result is public.
CREATE TABLE sheet_commitments (
    lot_id TEXT NOT NULL REFERENCES lots (id),
    evaluator_id TEXT NOT NULL REFERENCES accounts (id),
    commitment TEXT NOT NULL,
    brought TEXT NOT NULL,
    committed_at TIMESTAMP NOT NULL,
    nonce TEXT,
    sheet_id TEXT REFERENCES score_sheets (id),
    PRIMARY KEY (lot_id, evaluator_id)
);
ALTER TABLE evaluations ADD COLUMN commitments_closed_at TIMESTAMP;
