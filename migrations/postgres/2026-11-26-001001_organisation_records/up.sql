-- The organisation file: certificates, ratings and annual checks. An entry is never changed: a newer one replaces it once it is verified.
CREATE TABLE organisation_records (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL,
    certificate_kind TEXT,
    number TEXT,
    issuer TEXT NOT NULL,
    grade TEXT,
    year INTEGER,
    result TEXT,
    valid_from DATE NOT NULL,
    valid_to DATE,
    replaces_id UUID REFERENCES organisation_records (id),
    document_id UUID REFERENCES documents (id),
    document_sha256 TEXT,
    state TEXT NOT NULL,
    entered_by UUID NOT NULL REFERENCES accounts (id),
    decided_by UUID REFERENCES accounts (id),
    decided_at TIMESTAMP,
    decide_reason TEXT,
    warned_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX organisation_records_by_organisation_id ON organisation_records (organisation_id, created_at, id);
CREATE INDEX organisation_records_by_valid_to ON organisation_records (valid_to);
CREATE UNIQUE INDEX organisation_records_one_check ON organisation_records (organisation_id, year) WHERE kind = 'annual_check' AND state = 'verified';
