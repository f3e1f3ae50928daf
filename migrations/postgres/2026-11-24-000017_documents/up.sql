CREATE TABLE tender_terms (
    tender_id UUID NOT NULL REFERENCES tenders (id),
    amendment INTEGER NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    terms JSONB NOT NULL,
    written_by UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (tender_id, amendment)
);

CREATE TABLE lot_terms (
    lot_id UUID NOT NULL REFERENCES lots (id),
    amendment INTEGER NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    terms JSONB NOT NULL,
    written_by UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMP NOT NULL,
    PRIMARY KEY (lot_id, amendment)
);
CREATE INDEX lot_terms_by_tender_id ON lot_terms (tender_id);

CREATE TABLE forbidden_patterns (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    position INTEGER NOT NULL,
    pattern TEXT NOT NULL,
    kind TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    article TEXT,
    example TEXT NOT NULL,
    counter_example TEXT NOT NULL,
    PRIMARY KEY (tenant_id, position)
);

CREATE TABLE lint_overrulings (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    kind TEXT NOT NULL,
    criterion TEXT NOT NULL,
    reason TEXT NOT NULL,
    overruled_by UUID NOT NULL REFERENCES accounts (id),
    overruled_at TIMESTAMP NOT NULL
);
CREATE INDEX lint_overrulings_by_tender_id ON lint_overrulings (tender_id);

CREATE TABLE questions (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    case_id UUID NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    asked_by UUID NOT NULL REFERENCES accounts (id),
    asked_at TIMESTAMP NOT NULL,
    asked TEXT NOT NULL,
    due_on DATE,
    state TEXT NOT NULL,
    published_as TEXT,
    answer TEXT,
    answered_by UUID REFERENCES accounts (id),
    answered_at TIMESTAMP,
    version BIGINT NOT NULL
);
CREATE INDEX questions_by_tender_id_asked_at_id ON questions (tender_id, asked_at, id);
CREATE INDEX questions_by_organisation_id ON questions (organisation_id);

CREATE TABLE site_visits (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    case_id UUID NOT NULL,
    held_at TIMESTAMP NOT NULL,
    register_until TIMESTAMP NOT NULL,
    place TEXT NOT NULL,
    note TEXT,
    set_by UUID NOT NULL REFERENCES accounts (id),
    set_at TIMESTAMP NOT NULL
);
CREATE INDEX site_visits_by_tender_id ON site_visits (tender_id);

CREATE TABLE visit_registrations (
    visit_id UUID NOT NULL REFERENCES site_visits (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    persons INTEGER NOT NULL,
    registered_by UUID NOT NULL REFERENCES accounts (id),
    registered_at TIMESTAMP NOT NULL,
    PRIMARY KEY (visit_id, organisation_id)
);
CREATE INDEX visit_registrations_by_organisation_id ON visit_registrations (organisation_id);

CREATE TABLE tender_amendments (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    case_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    number INTEGER,
    body TEXT NOT NULL,
    material BOOLEAN NOT NULL,
    rebids BOOLEAN NOT NULL,
    former_deadline TIMESTAMP NOT NULL,
    bid_deadline TIMESTAMP,
    changes JSONB NOT NULL,
    decision_reason TEXT,
    written_by UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMP NOT NULL,
    decided_by UUID REFERENCES accounts (id),
    published_at TIMESTAMP,
    version BIGINT NOT NULL,
    UNIQUE (tender_id, number)
);
CREATE INDEX tender_amendments_by_tender_id ON tender_amendments (tender_id);

CREATE TABLE document_receipts (
    tender_id UUID NOT NULL REFERENCES tenders (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    obtained_by UUID NOT NULL REFERENCES accounts (id),
    obtained_at TIMESTAMP NOT NULL,
    PRIMARY KEY (tender_id, organisation_id)
);
CREATE INDEX document_receipts_by_organisation_id ON document_receipts (organisation_id);

CREATE TABLE bonds (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    case_id UUID NOT NULL,
    unit_id UUID NOT NULL REFERENCES units (id),
    kind TEXT NOT NULL,
    tender_id UUID REFERENCES tenders (id),
    lot_id UUID REFERENCES lots (id),
    contract_id UUID REFERENCES contracts (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    form TEXT NOT NULL,
    reference TEXT NOT NULL,
    demanded_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    return_ground TEXT,
    return_due_on DATE,
    lodged_by UUID NOT NULL REFERENCES accounts (id),
    lodged_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    CHECK (demanded_fen > 0)
);
CREATE INDEX bonds_by_lot_id ON bonds (lot_id);
CREATE INDEX bonds_by_contract_id ON bonds (contract_id);
CREATE INDEX bonds_by_tenant_id_lodged_at_id ON bonds (tenant_id, lodged_at, id);
CREATE INDEX bonds_by_organisation_id ON bonds (organisation_id);

CREATE TABLE bond_entries (
    bond_id UUID NOT NULL REFERENCES bonds (id),
    position INTEGER NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    reference TEXT NOT NULL,
    reason TEXT,
    entered_by UUID NOT NULL REFERENCES accounts (id),
    entered_at TIMESTAMP NOT NULL,
    PRIMARY KEY (bond_id, position),
    CHECK (amount_fen > 0)
);
