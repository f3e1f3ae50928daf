ALTER TABLE contracts ADD COLUMN released_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contracts ADD COLUMN halt_reason TEXT;

CREATE TABLE contract_changes (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    case_id TEXT NOT NULL,
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    fund_id TEXT REFERENCES funds (id),
    milestone_id TEXT REFERENCES milestones (id),
    title TEXT,
    due_on DATE,
    reason TEXT NOT NULL,
    beneficiaries_opinion TEXT,
    state TEXT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES accounts (id),
    decided_by TEXT REFERENCES accounts (id),
    decided_at TIMESTAMP,
    decision_note TEXT,
    released_fen BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (contract_id, number)
);
CREATE UNIQUE INDEX contract_changes_one_open ON contract_changes (contract_id) WHERE state = 'proposed';

CREATE TABLE payment_desks (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    payment_id TEXT NOT NULL REFERENCES payments (id),
    place INTEGER NOT NULL,
    desk TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    entered_at TIMESTAMP NOT NULL,
    left_at TIMESTAMP,
    UNIQUE (payment_id, place)
);

CREATE UNIQUE INDEX payments_live_invoice ON payments (tenant_id, invoice_number) WHERE state <> 'returned';
