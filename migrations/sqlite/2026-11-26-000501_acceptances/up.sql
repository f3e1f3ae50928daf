ALTER TABLE milestones ADD COLUMN deducted_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE milestones ADD COLUMN delivered_at TIMESTAMP;
ALTER TABLE contract_changes ADD COLUMN unilateral_ground TEXT;
ALTER TABLE contract_changes ADD COLUMN consented_by TEXT;
ALTER TABLE contract_changes ADD COLUMN consented_at TIMESTAMP;

CREATE TABLE acceptance_terms (
    contract_id TEXT NOT NULL PRIMARY KEY REFERENCES contracts (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    signers INTEGER NOT NULL,
    bands TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE acceptance_prices (
    milestone_id TEXT NOT NULL PRIMARY KEY REFERENCES milestones (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    unit_label TEXT NOT NULL,
    unit_price_fen BIGINT NOT NULL
);
CREATE INDEX acceptance_prices_contract ON acceptance_prices (contract_id);

CREATE TABLE acceptance_signatures (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    case_id TEXT NOT NULL,
    milestone_id TEXT NOT NULL REFERENCES milestones (id),
    round BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    score INTEGER,
    opinion TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (milestone_id, round, account_id)
);

CREATE TABLE acceptances (
    milestone_id TEXT NOT NULL PRIMARY KEY REFERENCES milestones (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    case_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    score_hundredths INTEGER,
    quantity BIGINT,
    unit_price_fen BIGINT,
    agreed_fen BIGINT NOT NULL,
    measured_fen BIGINT NOT NULL,
    accepted_fen BIGINT NOT NULL,
    concluded_by TEXT NOT NULL REFERENCES accounts (id),
    concluded_at TIMESTAMP NOT NULL
);
CREATE INDEX acceptances_contract ON acceptances (contract_id);

CREATE TABLE contract_filings (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    case_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    done_on DATE NOT NULL,
    reference TEXT NOT NULL,
    due_on DATE,
    late_reason TEXT,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (contract_id, kind)
);

CREATE TABLE performance_reviews (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    contract_id TEXT NOT NULL UNIQUE REFERENCES contracts (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    quality INTEGER NOT NULL,
    timeliness INTEGER NOT NULL,
    satisfaction INTEGER NOT NULL,
    comment TEXT NOT NULL,
    reviewed_by TEXT NOT NULL REFERENCES accounts (id),
    reply TEXT,
    replied_by TEXT REFERENCES accounts (id),
    replied_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX performance_reviews_organisation ON performance_reviews (tenant_id, organisation_id, created_at);

CREATE TABLE subcontracts (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    subcontractor_id TEXT NOT NULL REFERENCES organisations (id),
    scope TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    proposed_by TEXT NOT NULL REFERENCES accounts (id),
    decided_by TEXT REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX subcontracts_contract ON subcontracts (contract_id, created_at);
