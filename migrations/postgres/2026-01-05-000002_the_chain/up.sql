CREATE TABLE catalogue_editions (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    published_at TIMESTAMP,
    superseded_at TIMESTAMP,
    created_by UUID,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, name)
);

CREATE TABLE catalogue_items (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    edition_id UUID NOT NULL REFERENCES catalogue_editions (id),
    code TEXT NOT NULL,
    parent_code TEXT,
    level INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    origin TEXT NOT NULL,
    UNIQUE (edition_id, code)
);

CREATE TABLE incubations (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    base_unit_id UUID NOT NULL REFERENCES units (id),
    state TEXT NOT NULL,
    exit_reason TEXT,
    applied_by UUID NOT NULL REFERENCES accounts (id),
    admitted_by UUID REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX incubations_by_organisation_id ON incubations (organisation_id);
CREATE INDEX incubations_by_base_unit_id_created_at_id ON incubations (base_unit_id, created_at, id);

CREATE TABLE funds (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    stream TEXT NOT NULL,
    year INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    custodian TEXT NOT NULL,
    created_by UUID NOT NULL REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (unit_id, stream, year, name_zh)
);
CREATE INDEX funds_by_tenant_id_created_at_id ON funds (tenant_id, created_at, id);

CREATE TABLE appropriations (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    fund_id UUID NOT NULL REFERENCES funds (id),
    kind TEXT NOT NULL,
    document_number TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    functional_class TEXT NOT NULL,
    economic_class TEXT NOT NULL,
    created_by UUID NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, fund_id, document_number)
);

CREATE TABLE fund_balances (
    fund_id UUID NOT NULL REFERENCES funds (id),
    account TEXT NOT NULL,
    balance_fen BIGINT NOT NULL,
    PRIMARY KEY (fund_id, account),
    CHECK (account = 'authority' OR balance_fen >= 0)
);

CREATE TABLE holds (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    fund_id UUID NOT NULL REFERENCES funds (id),
    case_id UUID NOT NULL,
    kind TEXT NOT NULL,
    cause_kind TEXT NOT NULL,
    cause_id UUID NOT NULL,
    amount_fen BIGINT NOT NULL,
    used_fen BIGINT NOT NULL,
    released_fen BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CHECK (used_fen >= 0 AND released_fen >= 0 AND used_fen + released_fen <= amount_fen)
);
CREATE INDEX holds_by_cause_id ON holds (cause_id);
CREATE INDEX holds_by_fund_id ON holds (fund_id);

CREATE TABLE postings (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    fund_id UUID NOT NULL REFERENCES funds (id),
    kind TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    case_id UUID,
    cause_kind TEXT NOT NULL,
    cause_id UUID NOT NULL,
    hold_id UUID REFERENCES holds (id),
    made_by UUID NOT NULL REFERENCES accounts (id)
);
CREATE INDEX postings_by_fund_id_at_id ON postings (fund_id, at, id);
CREATE INDEX postings_by_case_id ON postings (case_id);
CREATE INDEX postings_by_cause_id ON postings (cause_id);

CREATE TABLE posting_legs (
    posting_id UUID NOT NULL REFERENCES postings (id),
    account TEXT NOT NULL,
    fund_id UUID NOT NULL REFERENCES funds (id),
    amount_fen BIGINT NOT NULL,
    PRIMARY KEY (posting_id, account)
);
CREATE INDEX posting_legs_by_fund_id_account ON posting_legs (fund_id, account);

CREATE TABLE projects (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    cohort INTEGER NOT NULL,
    number INTEGER,
    name_zh TEXT NOT NULL,
    story TEXT NOT NULL,
    area_id UUID REFERENCES areas (id),
    state TEXT NOT NULL,
    case_id UUID,
    agreement_id UUID,
    payee_id UUID,
    created_by UUID NOT NULL REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, cohort, number)
);
CREATE INDEX projects_by_tenant_id_created_at_id ON projects (tenant_id, created_at, id);
CREATE INDEX projects_by_case_id ON projects (case_id);
CREATE INDEX projects_by_agreement_id ON projects (agreement_id);

CREATE TABLE indicators (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL REFERENCES projects (id),
    position INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    unit_label TEXT NOT NULL,
    kind TEXT NOT NULL,
    direction TEXT NOT NULL,
    baseline BIGINT NOT NULL,
    target BIGINT NOT NULL
);
CREATE INDEX indicators_by_project_id ON indicators (project_id);

CREATE TABLE outcome_reports (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL REFERENCES projects (id),
    case_id UUID NOT NULL,
    period TEXT NOT NULL,
    summary TEXT NOT NULL,
    state TEXT NOT NULL,
    reported_by UUID NOT NULL REFERENCES accounts (id),
    verified_by UUID REFERENCES accounts (id),
    reason TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (project_id, period)
);
CREATE INDEX outcome_reports_by_case_id ON outcome_reports (case_id);

CREATE TABLE outcome_values (
    report_id UUID NOT NULL REFERENCES outcome_reports (id),
    indicator_id UUID NOT NULL REFERENCES indicators (id),
    actual BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (report_id, indicator_id)
);

CREATE TABLE tenders (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    case_id UUID NOT NULL UNIQUE,
    unit_id UUID NOT NULL REFERENCES units (id),
    catalogue_item_id UUID NOT NULL REFERENCES catalogue_items (id),
    rule_set_id UUID NOT NULL REFERENCES rule_sets (id),
    fund_id UUID NOT NULL REFERENCES funds (id),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    mode TEXT NOT NULL,
    procedure TEXT NOT NULL,
    plain_offers BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    return_reason TEXT,
    drafted_by UUID NOT NULL REFERENCES accounts (id),
    approved_by UUID REFERENCES accounts (id),
    published_at TIMESTAMP,
    bid_deadline TIMESTAMP,
    opened_at TIMESTAMP,
    reservation_id UUID REFERENCES holds (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX tenders_by_tenant_id_published_at_id ON tenders (tenant_id, published_at, id);
CREATE INDEX tenders_by_tenant_id_unit_id_created_at ON tenders (tenant_id, unit_id, created_at);
CREATE INDEX tenders_by_tenant_id_created_at_id ON tenders (tenant_id, created_at, id);

CREATE TABLE lots (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    case_id UUID NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    ceiling_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    failed_because TEXT,
    version BIGINT NOT NULL,
    UNIQUE (tender_id, number)
);

CREATE TABLE criteria (
    lot_id UUID NOT NULL REFERENCES lots (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    weight_bp INTEGER NOT NULL,
    PRIMARY KEY (lot_id, position)
);

CREATE TABLE bids (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    case_id UUID NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL,
    invalid_because TEXT,
    sealed_by TEXT NOT NULL,
    recipient TEXT NOT NULL,
    ciphertext BYTEA NOT NULL,
    ciphertext_sha256 TEXT NOT NULL,
    submitted_by UUID NOT NULL REFERENCES accounts (id),
    received_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (lot_id, organisation_id, sequence)
);
CREATE INDEX bids_by_organisation_id_received_at_id ON bids (organisation_id, received_at, id);

CREATE TABLE opened_bids (
    bid_id UUID NOT NULL PRIMARY KEY REFERENCES bids (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    price_fen BIGINT NOT NULL,
    offer TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL
);
CREATE INDEX opened_bids_by_lot_id ON opened_bids (lot_id);

CREATE TABLE lot_evaluators (
    lot_id UUID NOT NULL REFERENCES lots (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    appointed_by UUID NOT NULL REFERENCES accounts (id),
    appointed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (lot_id, account_id)
);

CREATE TABLE score_sheets (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    evaluator_id UUID NOT NULL REFERENCES accounts (id),
    comment TEXT NOT NULL,
    submitted_at TIMESTAMP NOT NULL,
    UNIQUE (lot_id, evaluator_id)
);

CREATE TABLE scores (
    sheet_id UUID NOT NULL REFERENCES score_sheets (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    position INTEGER NOT NULL,
    points_bp INTEGER NOT NULL,
    PRIMARY KEY (sheet_id, bid_id, position)
);

CREATE TABLE rankings (
    lot_id UUID NOT NULL REFERENCES lots (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    place INTEGER NOT NULL,
    points_bp BIGINT NOT NULL,
    PRIMARY KEY (lot_id, bid_id)
);

CREATE TABLE awards (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    case_id UUID NOT NULL,
    unit_id UUID NOT NULL REFERENCES units (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    price_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    proposed_by UUID NOT NULL REFERENCES accounts (id),
    confirmed_by UUID REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX awards_by_lot_id ON awards (lot_id);
CREATE INDEX awards_by_case_id ON awards (case_id);

CREATE TABLE contracts (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    case_id UUID NOT NULL,
    award_id UUID NOT NULL UNIQUE REFERENCES awards (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    fund_id UUID NOT NULL REFERENCES funds (id),
    reservation_id UUID NOT NULL REFERENCES holds (id),
    commitment_id UUID REFERENCES holds (id),
    project_id UUID REFERENCES projects (id),
    title TEXT NOT NULL,
    price_fen BIGINT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    state TEXT NOT NULL,
    drafted_by UUID NOT NULL REFERENCES accounts (id),
    approved_by UUID REFERENCES accounts (id),
    org_signed_by UUID REFERENCES accounts (id),
    org_signed_at TIMESTAMP,
    purchaser_signed_by UUID REFERENCES accounts (id),
    purchaser_signed_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX contracts_by_tenant_id_created_at_id ON contracts (tenant_id, created_at, id);
CREATE INDEX contracts_by_case_id ON contracts (case_id);
CREATE INDEX contracts_by_organisation_id ON contracts (organisation_id);

CREATE TABLE milestones (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    contract_id UUID NOT NULL REFERENCES contracts (id),
    case_id UUID NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    due_on DATE NOT NULL,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    delivery_note TEXT,
    delivered_by UUID REFERENCES accounts (id),
    accepted_by UUID REFERENCES accounts (id),
    beneficiaries_opinion TEXT,
    reason TEXT,
    version BIGINT NOT NULL,
    UNIQUE (contract_id, number)
);

CREATE TABLE payments (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    case_id UUID NOT NULL,
    contract_id UUID NOT NULL REFERENCES contracts (id),
    milestone_id UUID NOT NULL REFERENCES milestones (id),
    fund_id UUID NOT NULL REFERENCES funds (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    amount_fen BIGINT NOT NULL,
    invoice_number TEXT NOT NULL,
    state TEXT NOT NULL,
    return_reason TEXT,
    claimed_by UUID NOT NULL REFERENCES accounts (id),
    checked_by UUID REFERENCES accounts (id),
    accepted_by UUID REFERENCES accounts (id),
    approved_by UUID REFERENCES accounts (id),
    instructed_by UUID REFERENCES accounts (id),
    bank_reference TEXT,
    paid_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX payments_by_tenant_id_created_at_id ON payments (tenant_id, created_at, id);
CREATE INDEX payments_by_milestone_id ON payments (milestone_id);
CREATE INDEX payments_by_tenant_id_invoice_number ON payments (tenant_id, invoice_number);
