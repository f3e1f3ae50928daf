-- How long an intention of purchase must be public before its tender; a number of the district, not of the rule set. None means it is not checked.
CREATE TABLE plan_settings (
    tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    intention_days INTEGER,
    source TEXT,
    version BIGINT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE plans (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    case_id TEXT NOT NULL UNIQUE,
    unit_id TEXT NOT NULL REFERENCES units (id),
    year INTEGER NOT NULL,
    title TEXT NOT NULL,
    need TEXT NOT NULL,
    need_id TEXT,
    catalogue_item_id TEXT NOT NULL REFERENCES catalogue_items (id),
    off_catalogue_name TEXT,
    finance_approval TEXT,
    mode TEXT NOT NULL,
    procedure TEXT NOT NULL,
    procedure_approval TEXT,
    public_service BOOLEAN NOT NULL,
    term_months INTEGER NOT NULL,
    expected_on DATE NOT NULL,
    details TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    drafted_by TEXT NOT NULL REFERENCES accounts (id),
    approved_by TEXT REFERENCES accounts (id),
    published_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX plans_by_tenant_id_created_at_id ON plans (tenant_id, created_at, id);
CREATE INDEX plans_by_tenant_id_unit_id_year ON plans (tenant_id, unit_id, year);

CREATE TABLE plan_budgets (
    plan_id TEXT NOT NULL REFERENCES plans (id),
    position INTEGER NOT NULL,
    stream TEXT NOT NULL,
    year INTEGER NOT NULL,
    fund_id TEXT REFERENCES funds (id),
    amount_fen BIGINT NOT NULL,
    PRIMARY KEY (plan_id, position)
);

CREATE TABLE plan_tenders (
    tender_id TEXT NOT NULL PRIMARY KEY REFERENCES tenders (id),
    plan_id TEXT NOT NULL REFERENCES plans (id)
);
CREATE INDEX plan_tenders_by_plan_id ON plan_tenders (plan_id);

CREATE TABLE frameworks (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    district_wide BOOLEAN NOT NULL,
    catalogue_item_id TEXT NOT NULL REFERENCES catalogue_items (id),
    title TEXT NOT NULL,
    unit_label TEXT NOT NULL,
    source_tender_id TEXT REFERENCES tenders (id),
    reference TEXT,
    reference_url TEXT,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    competition_above_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    drafted_by TEXT NOT NULL REFERENCES accounts (id),
    activated_by TEXT REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX frameworks_by_tenant_id_created_at_id ON frameworks (tenant_id, created_at, id);

CREATE TABLE framework_suppliers (
    framework_id TEXT NOT NULL REFERENCES frameworks (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    unit_price_fen BIGINT NOT NULL,
    limit_fen BIGINT,
    PRIMARY KEY (framework_id, organisation_id)
);
CREATE INDEX framework_suppliers_by_organisation_id ON framework_suppliers (organisation_id);

CREATE TABLE framework_tenders (
    tender_id TEXT NOT NULL PRIMARY KEY REFERENCES tenders (id),
    framework_id TEXT NOT NULL REFERENCES frameworks (id)
);
CREATE INDEX framework_tenders_by_framework_id ON framework_tenders (framework_id);

CREATE TABLE framework_orders (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    framework_id TEXT NOT NULL REFERENCES frameworks (id),
    tender_id TEXT NOT NULL UNIQUE REFERENCES tenders (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    quantity BIGINT NOT NULL,
    unit_price_fen BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    ordered_by TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX framework_orders_by_framework_id_organisation_id ON framework_orders (framework_id, organisation_id);

CREATE TABLE external_tenders (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    tender_id TEXT NOT NULL UNIQUE REFERENCES tenders (id),
    plan_number TEXT NOT NULL,
    platform TEXT NOT NULL,
    announcement_url TEXT NOT NULL,
    procedure_used TEXT NOT NULL,
    announced_on DATE NOT NULL,
    deadline_on DATE NOT NULL,
    bidders INTEGER,
    panel TEXT NOT NULL,
    findings TEXT NOT NULL,
    notice_number TEXT NOT NULL,
    notice_url TEXT NOT NULL,
    awarded_on DATE NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    imported_by TEXT NOT NULL REFERENCES accounts (id),
    approved_by TEXT REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, notice_number)
);
CREATE INDEX external_tenders_by_tenant_id_created_at_id ON external_tenders (tenant_id, created_at, id);

CREATE TABLE external_lots (
    lot_id TEXT NOT NULL PRIMARY KEY REFERENCES lots (id),
    external_tender_id TEXT NOT NULL REFERENCES external_tenders (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    price_fen BIGINT NOT NULL
);
CREATE INDEX external_lots_by_external_tender_id ON external_lots (external_tender_id);
