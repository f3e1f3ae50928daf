CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE areas (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_id TEXT REFERENCES areas (id),
    valid_from DATE,
    valid_to DATE,
    entrusted_to TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, code)
);
CREATE INDEX areas_by_tenant_id_name_en_id ON areas (tenant_id, name_en, id);
CREATE INDEX areas_by_parent_id ON areas (parent_id);

CREATE TABLE units (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    name_zh TEXT NOT NULL,
    kind TEXT NOT NULL,
    area_id TEXT REFERENCES areas (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, name_zh)
);

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    uscc TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    kind TEXT NOT NULL,
    legal_representative TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    verified_by TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, uscc)
);
CREATE INDEX organisations_by_tenant_id_created_at_id ON organisations (tenant_id, created_at, id);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    unit_id TEXT REFERENCES units (id),
    organisation_id TEXT REFERENCES organisations (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, email)
);

CREATE TABLE account_roles (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, role)
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP,
    revoked_because TEXT
);
CREATE INDEX sessions_by_account_id_created_at ON sessions (account_id, created_at);

CREATE TABLE refresh_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    token_hash BLOB NOT NULL UNIQUE,
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX refresh_tokens_by_session_id ON refresh_tokens (session_id);

CREATE TABLE idempotency_keys (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER,
    etag TEXT,
    location TEXT,
    body TEXT,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, principal, key)
);
CREATE INDEX idempotency_keys_by_created_at ON idempotency_keys (created_at);

CREATE TABLE journal_entries (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    at TIMESTAMP NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_version BIGINT NOT NULL,
    case_id TEXT,
    content TEXT,
    salt BLOB,
    leaf_hash BLOB NOT NULL,
    sequence BIGINT
);
CREATE INDEX journal_entries_by_case_id_at_id ON journal_entries (case_id, at, id);
CREATE INDEX journal_entries_by_resource_id ON journal_entries (resource_id);
CREATE INDEX journal_entries_by_sequence ON journal_entries (sequence);

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    claimed_until TIMESTAMP,
    sent_at TIMESTAMP,
    abandoned_at TIMESTAMP,
    last_error TEXT
);
CREATE INDEX outbox_by_sent_at_abandoned_at_due_at ON outbox (sent_at, abandoned_at, due_at);

CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    case_id TEXT,
    purpose TEXT NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded_by TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX documents_by_owner_id_created_at ON documents (owner_id, created_at);
CREATE INDEX documents_by_case_id ON documents (case_id);

CREATE TABLE rule_sets (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    published_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, name)
);

CREATE TABLE rules (
    rule_set_id TEXT NOT NULL REFERENCES rule_sets (id),
    rule_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    statement_zh TEXT NOT NULL,
    legal_basis TEXT NOT NULL,
    article TEXT NOT NULL,
    procedures TEXT NOT NULL,
    severity TEXT NOT NULL,
    confidence TEXT NOT NULL,
    effective_from DATE,
    effective_to DATE,
    note TEXT NOT NULL,
    PRIMARY KEY (rule_set_id, rule_id)
);

CREATE TABLE rule_figures (
    rule_set_id TEXT NOT NULL REFERENCES rule_sets (id),
    rule_id TEXT NOT NULL,
    figure TEXT NOT NULL,
    number BIGINT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (rule_set_id, rule_id, figure)
);

CREATE TABLE calendar_days (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    PRIMARY KEY (tenant_id, day)
);

CREATE TABLE budget_subjects (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    kind TEXT NOT NULL,
    confidence TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, code)
);
