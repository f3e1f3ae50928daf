CREATE TABLE audit_notices (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    number TEXT NOT NULL,
    subject TEXT NOT NULL,
    auditor_id TEXT NOT NULL REFERENCES accounts (id),
    from_year INTEGER NOT NULL,
    to_year INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    issued_by TEXT NOT NULL,
    ended_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, number, auditor_id)
);
CREATE INDEX audit_notices_auditor ON audit_notices (auditor_id, valid_until);

CREATE TABLE audit_notice_units (
    notice_id TEXT NOT NULL REFERENCES audit_notices (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    PRIMARY KEY (notice_id, unit_id)
);
