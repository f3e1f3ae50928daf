-- The directory of capable organisations: calls of a year, applications per catalogue item, and what became of them.
CREATE TABLE directory_calls (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    edition TEXT NOT NULL,
    year INTEGER NOT NULL,
    criteria TEXT NOT NULL,
    min_grade TEXT,
    opens_on DATE NOT NULL,
    closes_on DATE NOT NULL,
    publicity_days INTEGER NOT NULL,
    state TEXT NOT NULL,
    publicity_until DATE,
    cancel_reason TEXT,
    created_by TEXT NOT NULL REFERENCES accounts (id),
    published_by TEXT REFERENCES accounts (id),
    published_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, edition)
);
CREATE INDEX directory_calls_by_created_at ON directory_calls (tenant_id, created_at, id);

CREATE TABLE directory_applications (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    call_id TEXT NOT NULL REFERENCES directory_calls (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    item_code TEXT NOT NULL,
    item_name TEXT NOT NULL,
    statement TEXT NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL,
    applied_by TEXT NOT NULL REFERENCES accounts (id),
    assessed_by TEXT REFERENCES accounts (id),
    assessed_at TIMESTAMP,
    assessment TEXT,
    counted_grade TEXT,
    removed_by TEXT REFERENCES accounts (id),
    removed_at TIMESTAMP,
    removal_reason TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX directory_applications_by_call ON directory_applications (call_id, created_at, id);
CREATE INDEX directory_applications_by_organisation_id ON directory_applications (organisation_id, item_code, state);
CREATE UNIQUE INDEX directory_applications_one ON directory_applications (call_id, organisation_id, item_code) WHERE state <> 'withdrawn';
