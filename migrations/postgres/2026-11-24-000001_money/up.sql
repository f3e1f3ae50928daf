CREATE TABLE funding_lines (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    case_id UUID NOT NULL,
    owner_kind TEXT NOT NULL,
    owner_id UUID NOT NULL,
    position INTEGER NOT NULL,
    fund_id UUID REFERENCES funds (id),
    stream TEXT NOT NULL,
    year INTEGER NOT NULL,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    hold_id UUID REFERENCES holds (id),
    source_id UUID REFERENCES funding_lines (id),
    purpose_code TEXT,
    area_id UUID REFERENCES areas (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CHECK (amount_fen >= 0)
);
CREATE INDEX funding_lines_by_owner_id ON funding_lines (owner_id);
CREATE INDEX funding_lines_by_fund_id ON funding_lines (fund_id);
CREATE INDEX funding_lines_by_hold_id ON funding_lines (hold_id);

CREATE TABLE payment_legs (
    payment_id UUID NOT NULL REFERENCES payments (id),
    line_id UUID NOT NULL REFERENCES funding_lines (id),
    amount_fen BIGINT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    PRIMARY KEY (payment_id, line_id),
    CHECK (amount_fen >= 0 AND refunded_fen >= 0 AND refunded_fen <= amount_fen)
);
CREATE INDEX payment_legs_by_line_id ON payment_legs (line_id);

CREATE TABLE payment_events (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    payment_id UUID NOT NULL REFERENCES payments (id),
    kind TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT NOT NULL,
    made_by UUID NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX payment_events_by_payment_id ON payment_events (payment_id);

CREATE TABLE fund_terms (
    fund_id UUID NOT NULL PRIMARY KEY REFERENCES funds (id),
    payer_unit_id UUID REFERENCES units (id),
    monthly_ceiling_fen BIGINT,
    purpose TEXT
);

CREATE TABLE fund_limits (
    fund_id UUID NOT NULL REFERENCES funds (id),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (fund_id, kind, value)
);

CREATE TABLE stream_exclusions (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    stream TEXT NOT NULL,
    kind TEXT NOT NULL,
    prefix TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, stream, kind, prefix)
);

CREATE TABLE reductions (
    appropriation_id UUID NOT NULL PRIMARY KEY REFERENCES appropriations (id),
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    fund_id UUID NOT NULL REFERENCES funds (id),
    document_number TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    settled_fen BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CHECK (settled_fen >= 0 AND settled_fen <= amount_fen)
);
CREATE INDEX reductions_by_fund_id ON reductions (fund_id);

CREATE TABLE authority_links (
    out_id UUID NOT NULL PRIMARY KEY REFERENCES appropriations (id),
    in_id UUID NOT NULL REFERENCES appropriations (id)
);

CREATE TABLE resourcings (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    case_id UUID NOT NULL,
    line_id UUID NOT NULL REFERENCES funding_lines (id),
    to_fund_id UUID NOT NULL REFERENCES funds (id),
    amount_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_by UUID NOT NULL REFERENCES accounts (id),
    decided_by UUID REFERENCES accounts (id),
    new_line_id UUID REFERENCES funding_lines (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX resourcings_by_line_id ON resourcings (line_id);
CREATE INDEX resourcings_by_tenant_id_created_at_id ON resourcings (tenant_id, created_at, id);

CREATE TABLE year_ends (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    year INTEGER NOT NULL,
    document_number TEXT NOT NULL,
    state TEXT NOT NULL,
    previewed_by UUID NOT NULL REFERENCES accounts (id),
    executed_by UUID REFERENCES accounts (id),
    confirmed_by UUID REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX year_ends_by_tenant_id_created_at_id ON year_ends (tenant_id, created_at, id);
CREATE INDEX year_ends_by_unit_id_year ON year_ends (unit_id, year);

CREATE TABLE year_end_items (
    year_end_id UUID NOT NULL REFERENCES year_ends (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    fund_id UUID NOT NULL REFERENCES funds (id),
    hold_id UUID REFERENCES holds (id),
    to_fund_id UUID REFERENCES funds (id),
    amount_fen BIGINT NOT NULL,
    new_hold_id UUID REFERENCES holds (id),
    PRIMARY KEY (year_end_id, position)
);

CREATE TABLE matching_pledges (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    case_id UUID,
    donor_zh TEXT NOT NULL,
    purpose TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    evidence TEXT,
    pledged_by UUID NOT NULL REFERENCES accounts (id),
    evidenced_by UUID REFERENCES accounts (id),
    verified_by UUID REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX matching_pledges_by_tenant_id_created_at_id ON matching_pledges (tenant_id, created_at, id);

CREATE TABLE reconciliations (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    month TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    matched INTEGER NOT NULL,
    made_by UUID NOT NULL REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX reconciliations_by_tenant_id_created_at_id ON reconciliations (tenant_id, created_at, id);

CREATE TABLE reconciliation_differences (
    reconciliation_id UUID NOT NULL REFERENCES reconciliations (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    treasury_fen BIGINT,
    ledger_fen BIGINT,
    explanation TEXT,
    explained_by UUID REFERENCES accounts (id),
    PRIMARY KEY (reconciliation_id, position)
);

CREATE INDEX postings_by_hold_id ON postings (hold_id);
ALTER TABLE postings ADD COLUMN reference TEXT;
ALTER TABLE contracts ADD COLUMN source_kind TEXT;
ALTER TABLE contracts ADD COLUMN source_id UUID;
ALTER TABLE milestones ADD COLUMN cleared_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN kind TEXT NOT NULL DEFAULT 'milestone';
ALTER TABLE payments ADD COLUMN donation_receipt TEXT;
ALTER TABLE appropriations ADD COLUMN project_code TEXT;
ALTER TABLE appropriations ADD COLUMN nature TEXT;
