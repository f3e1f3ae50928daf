-- Where an organisation is paid. A new account counts only after a second person confirmed it; one counts at a time.
CREATE TABLE bank_accounts (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    holder TEXT NOT NULL,
    bank TEXT NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_by UUID NOT NULL REFERENCES accounts (id),
    decided_by UUID REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX bank_accounts_by_organisation_id ON bank_accounts (organisation_id, state, created_at);
CREATE UNIQUE INDEX bank_accounts_one_confirmed ON bank_accounts (organisation_id) WHERE state = 'confirmed';
CREATE UNIQUE INDEX bank_accounts_one_proposed ON bank_accounts (organisation_id) WHERE state = 'proposed';
