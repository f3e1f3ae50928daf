-- When the session last proved who it is (any factor), and when with the second factor. Real time, like every instant of a session.
ALTER TABLE sessions ADD COLUMN proved_at TIMESTAMP;
ALTER TABLE sessions ADD COLUMN factor_at TIMESTAMP;

-- Time-based one-time passwords (RFC 6238). The secret is sealed with the vault key; at most one row of an account is confirmed and not ended.
CREATE TABLE second_factors (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    secret BYTEA NOT NULL,
    made_at TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP,
    ended_at TIMESTAMP,
    ended_because TEXT,
    last_step BIGINT
);
CREATE INDEX second_factors_by_account_id ON second_factors (account_id, ended_at);
CREATE UNIQUE INDEX second_factors_one_confirmed ON second_factors (account_id) WHERE confirmed_at IS NOT NULL AND ended_at IS NULL;

CREATE TABLE recovery_codes (
    id UUID NOT NULL PRIMARY KEY,
    factor_id UUID NOT NULL REFERENCES second_factors (id),
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMP,
    UNIQUE (factor_id, code_hash)
);

-- A link by mail that sets a new password, once.
CREATE TABLE password_resets (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    token_hash BYTEA NOT NULL UNIQUE,
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX password_resets_by_account_id ON password_resets (account_id, used_at);

-- Two persons take a lost second factor away.
CREATE TABLE account_recoveries (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    unit_id UUID REFERENCES units (id),
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by UUID NOT NULL REFERENCES accounts (id),
    decided_by UUID REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX account_recoveries_by_tenant_id_created_at ON account_recoveries (tenant_id, created_at, id);
CREATE INDEX account_recoveries_by_account_id ON account_recoveries (account_id, state);

CREATE TABLE account_invitations (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    email TEXT NOT NULL,
    roles TEXT NOT NULL,
    unit_id UUID REFERENCES units (id),
    organisation_id UUID REFERENCES organisations (id),
    token_hash BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL,
    invited_by UUID NOT NULL REFERENCES accounts (id),
    expires_at TIMESTAMP NOT NULL,
    account_id UUID REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX account_invitations_by_tenant_id_created_at ON account_invitations (tenant_id, created_at, id);

-- Tokens of machine clients, stored hashed.
CREATE TABLE api_tokens (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX api_tokens_by_account_id ON api_tokens (account_id, created_at);

-- Who read personal data and the content of bids, and everything that auditors read.
CREATE TABLE readings (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    token_id UUID REFERENCES api_tokens (id),
    operation TEXT NOT NULL,
    why TEXT NOT NULL,
    request_id UUID,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX readings_by_tenant_id_created_at ON readings (tenant_id, created_at, id);
CREATE INDEX readings_by_account_id_created_at ON readings (account_id, created_at, id);
