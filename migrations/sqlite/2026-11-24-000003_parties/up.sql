CREATE TABLE declarations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL,
    statement TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    withdrawn_at TIMESTAMP,
    withdraw_reason TEXT,
    warned_at TIMESTAMP,
    declared_by TEXT NOT NULL REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX declarations_by_organisation_id_created_at_id ON declarations (organisation_id, created_at, id);
CREATE INDEX declarations_by_valid_to ON declarations (valid_to);

CREATE TABLE delegations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    from_account_id TEXT NOT NULL REFERENCES accounts (id),
    to_account_id TEXT NOT NULL REFERENCES accounts (id),
    roles TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    ended_at TIMESTAMP,
    ended_by TEXT REFERENCES accounts (id),
    end_reason TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX delegations_by_to_account_id_valid_to ON delegations (to_account_id, valid_to);
CREATE INDEX delegations_by_tenant_id_created_at_id ON delegations (tenant_id, created_at, id);
CREATE INDEX delegations_by_unit_id_created_at ON delegations (unit_id, created_at);

CREATE TABLE duty_exceptions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    action TEXT NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    state TEXT NOT NULL,
    review_due DATE NOT NULL,
    review_note TEXT,
    reviewed_by TEXT REFERENCES accounts (id),
    reviewed_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX duty_exceptions_by_account_id_state ON duty_exceptions (account_id, state);
CREATE INDEX duty_exceptions_by_tenant_id_created_at_id ON duty_exceptions (tenant_id, created_at, id);
CREATE INDEX duty_exceptions_by_tenant_id_state_review_due ON duty_exceptions (tenant_id, state, review_due);

CREATE TABLE mandates (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    agent_unit_id TEXT NOT NULL REFERENCES units (id),
    account_id TEXT REFERENCES accounts (id),
    case_kind TEXT,
    case_id TEXT,
    scope TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    revoked_at TIMESTAMP,
    revoked_by TEXT REFERENCES accounts (id),
    revoke_reason TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX mandates_by_agent_unit_id ON mandates (agent_unit_id);
CREATE INDEX mandates_by_tenant_id_created_at_id ON mandates (tenant_id, created_at, id);

CREATE TABLE organisation_controllers (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    position INTEGER NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    uscc TEXT,
    PRIMARY KEY (organisation_id, position)
);
CREATE INDEX organisation_controllers_by_tenant_id_uscc ON organisation_controllers (tenant_id, uscc);
CREATE INDEX organisation_controllers_by_tenant_id_name_key ON organisation_controllers (tenant_id, name_key);

CREATE TABLE organisation_profiles (
    organisation_id TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    head_name TEXT NOT NULL,
    head_name_key TEXT NOT NULL,
    head_digest BLOB,
    head_last_four TEXT,
    contact_name TEXT NOT NULL,
    contact_name_key TEXT NOT NULL,
    contact_phone TEXT NOT NULL,
    contact_phone_key TEXT NOT NULL,
    address TEXT NOT NULL,
    address_key TEXT NOT NULL,
    verified_by TEXT REFERENCES accounts (id),
    verified_at TIMESTAMP,
    version BIGINT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX organisation_profiles_by_tenant_id_head_digest ON organisation_profiles (tenant_id, head_digest);
CREATE INDEX organisation_profiles_by_tenant_id_head_name_key ON organisation_profiles (tenant_id, head_name_key);
CREATE INDEX organisation_profiles_by_tenant_id_contact_name_key ON organisation_profiles (tenant_id, contact_name_key);
CREATE INDEX organisation_profiles_by_tenant_id_contact_phone_key ON organisation_profiles (tenant_id, contact_phone_key);
CREATE INDEX organisation_profiles_by_tenant_id_address_key ON organisation_profiles (tenant_id, address_key);

CREATE TABLE organisation_standings (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    decided_by TEXT REFERENCES accounts (id),
    lifted_on DATE,
    lifted_by TEXT REFERENCES accounts (id),
    lift_reason TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX organisation_standings_by_organisation_id_valid_from ON organisation_standings (organisation_id, valid_from);
CREATE INDEX organisation_standings_by_tenant_id_created_at_id ON organisation_standings (tenant_id, created_at, id);

CREATE TABLE unit_parents (
    unit_id TEXT NOT NULL PRIMARY KEY REFERENCES units (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    parent_id TEXT NOT NULL REFERENCES units (id)
);
CREATE INDEX unit_parents_by_parent_id ON unit_parents (parent_id);
