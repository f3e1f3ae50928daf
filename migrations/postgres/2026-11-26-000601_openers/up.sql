-- Openers who hold the key of a tender together: their own keys, the ceremonies in which they make it, the closing of a tender and what they contribute to its opening.
CREATE TABLE opener_keys (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    signing_key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    decided_by UUID REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX opener_keys_by_signing_key ON opener_keys (signing_key);
CREATE UNIQUE INDEX opener_keys_one_confirmed ON opener_keys (account_id) WHERE state = 'confirmed';
CREATE INDEX opener_keys_by_tenant_id ON opener_keys (tenant_id, state, created_at);

CREATE TABLE opener_ceremonies (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    case_id UUID NOT NULL,
    unit_id UUID NOT NULL REFERENCES units (id),
    threshold INTEGER NOT NULL,
    state TEXT NOT NULL,
    recipient TEXT,
    transcript TEXT,
    named_by UUID NOT NULL REFERENCES accounts (id),
    abandoned_because TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    completed_at TIMESTAMP
);
CREATE UNIQUE INDEX opener_ceremonies_one_alive ON opener_ceremonies (tender_id) WHERE state <> 'abandoned';
CREATE INDEX opener_ceremonies_by_tender_id ON opener_ceremonies (tender_id, created_at);

CREATE TABLE ceremony_members (
    ceremony_id UUID NOT NULL REFERENCES opener_ceremonies (id),
    position INTEGER NOT NULL,
    key_id UUID NOT NULL REFERENCES opener_keys (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    unit_id UUID NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    signing_key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    package TEXT,
    package_signature TEXT,
    transcript_signature TEXT,
    PRIMARY KEY (ceremony_id, position)
);
CREATE UNIQUE INDEX ceremony_members_once ON ceremony_members (ceremony_id, account_id);

CREATE TABLE ceremony_shares (
    ceremony_id UUID NOT NULL REFERENCES opener_ceremonies (id),
    sender INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    ciphertext TEXT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (ceremony_id, sender, receiver)
);

CREATE TABLE closings (
    tender_id UUID NOT NULL PRIMARY KEY REFERENCES tenders (id),
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    ceremony_id UUID NOT NULL REFERENCES opener_ceremonies (id),
    content TEXT NOT NULL,
    root TEXT NOT NULL,
    entry_id UUID NOT NULL,
    closed_at TIMESTAMP NOT NULL
);

CREATE TABLE opening_contributions (
    tender_id UUID NOT NULL REFERENCES closings (tender_id),
    position INTEGER NOT NULL,
    account_id UUID NOT NULL REFERENCES accounts (id),
    state TEXT NOT NULL,
    wrong_because TEXT,
    partials TEXT NOT NULL,
    signature TEXT NOT NULL,
    contributed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (tender_id, position)
);
