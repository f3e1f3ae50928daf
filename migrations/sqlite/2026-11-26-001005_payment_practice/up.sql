-- A paper invoice has a code besides its number; a payment keeps the account that the bank was told, and how often it was told.
ALTER TABLE payments ADD COLUMN invoice_code TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN bank_account_id TEXT REFERENCES bank_accounts (id);
ALTER TABLE payments ADD COLUMN bank_account_version BIGINT;
ALTER TABLE payments ADD COLUMN instructions INTEGER NOT NULL DEFAULT 0;
DROP INDEX payments_live_invoice;
CREATE UNIQUE INDEX payments_live_invoice ON payments (tenant_id, invoice_code, invoice_number) WHERE state <> 'returned';

-- Within how many working days of its claim a payment is made, and the scan that each party stands for with its signature.
ALTER TABLE contracts ADD COLUMN payment_term_days INTEGER;
ALTER TABLE contracts ADD COLUMN org_signed_sha256 TEXT;
ALTER TABLE contracts ADD COLUMN purchaser_signed_sha256 TEXT;

-- What was handed to the bank, byte for byte.
CREATE TABLE payment_batches (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    number INTEGER NOT NULL,
    format TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    content BLOB NOT NULL,
    created_by TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, number)
);
CREATE INDEX payment_batches_by_unit_id ON payment_batches (unit_id, created_at);

-- An instruction of a payment is in one batch at most.
CREATE TABLE payment_batch_lines (
    payment_id TEXT NOT NULL REFERENCES payments (id),
    instruction INTEGER NOT NULL,
    batch_id TEXT NOT NULL REFERENCES payment_batches (id),
    position INTEGER NOT NULL,
    bank_account_id TEXT NOT NULL REFERENCES bank_accounts (id),
    bank_account_version BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    PRIMARY KEY (payment_id, instruction),
    UNIQUE (batch_id, position)
);
