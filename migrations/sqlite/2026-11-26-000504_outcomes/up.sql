ALTER TABLE indicators ADD COLUMN accumulation TEXT NOT NULL DEFAULT 'cumulative';
ALTER TABLE indicators ADD COLUMN aggregatable BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE indicators ADD COLUMN method TEXT;
ALTER TABLE indicators ADD COLUMN source TEXT;
ALTER TABLE indicators ADD COLUMN frequency TEXT NOT NULL DEFAULT 'year';
ALTER TABLE indicators ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE outcome_values ADD COLUMN numerator BIGINT;
ALTER TABLE outcome_values ADD COLUMN denominator BIGINT;
ALTER TABLE outcome_values ADD COLUMN indicator_version BIGINT NOT NULL DEFAULT 1;

CREATE TABLE indicator_versions (
    indicator_id TEXT NOT NULL REFERENCES indicators (id),
    version BIGINT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    target BIGINT NOT NULL,
    method TEXT,
    reason TEXT NOT NULL,
    replaced_by TEXT NOT NULL REFERENCES accounts (id),
    replaced_at TIMESTAMP NOT NULL,
    PRIMARY KEY (indicator_id, version)
);

CREATE TABLE outcome_splits (
    report_id TEXT NOT NULL REFERENCES outcome_reports (id),
    indicator_id TEXT NOT NULL REFERENCES indicators (id),
    dimension TEXT NOT NULL,
    part TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (report_id, indicator_id, dimension, part)
);

CREATE TABLE report_reopenings (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    report_id TEXT NOT NULL REFERENCES outcome_reports (id),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL REFERENCES accounts (id),
    asked_at TIMESTAMP NOT NULL,
    decided_by TEXT REFERENCES accounts (id),
    decided_at TIMESTAMP
);
CREATE INDEX report_reopenings_report ON report_reopenings (report_id, asked_at);

CREATE TABLE social_workers (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    certificate_level TEXT,
    certificate_number TEXT,
    certificate_issued_on DATE,
    certificate_state TEXT NOT NULL,
    registration_authority TEXT,
    registration_until DATE,
    registration_state TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX social_workers_organisation ON social_workers (tenant_id, organisation_id, created_at);
CREATE UNIQUE INDEX social_workers_certificate ON social_workers (tenant_id, certificate_number) WHERE certificate_number IS NOT NULL;

CREATE TABLE project_workers (
    project_id TEXT NOT NULL REFERENCES projects (id),
    worker_id TEXT NOT NULL REFERENCES social_workers (id),
    PRIMARY KEY (project_id, worker_id)
);
CREATE INDEX project_workers_worker ON project_workers (worker_id);

CREATE TABLE growth_entries (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    worker_id TEXT NOT NULL REFERENCES social_workers (id),
    happened_on DATE NOT NULL,
    kind TEXT NOT NULL,
    minutes INTEGER,
    text TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX growth_entries_worker ON growth_entries (worker_id, happened_on);

CREATE TABLE service_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    case_id TEXT,
    unit_id TEXT NOT NULL REFERENCES units (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    worker_id TEXT NOT NULL REFERENCES social_workers (id),
    held_on DATE NOT NULL,
    minutes INTEGER NOT NULL,
    place TEXT NOT NULL,
    kind TEXT NOT NULL,
    persons INTEGER NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    recorded_by TEXT NOT NULL REFERENCES accounts (id),
    decided_by TEXT REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX service_sessions_project ON service_sessions (project_id, created_at, id);

CREATE TABLE evidence_facts (
    document_id TEXT NOT NULL PRIMARY KEY REFERENCES documents (id),
    report_id TEXT NOT NULL REFERENCES outcome_reports (id),
    indicator_id TEXT REFERENCES indicators (id),
    taken_on DATE,
    place TEXT
);
CREATE INDEX evidence_facts_report ON evidence_facts (report_id);
