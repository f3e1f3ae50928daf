-- Keys with which organisations sign their bids; a key counts only after a second person confirmed it.
CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    demanded BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES accounts (id),
    confirmed_by TEXT REFERENCES accounts (id),
    confirmed_at TIMESTAMP,
    revoked_by TEXT REFERENCES accounts (id),
    revoked_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, fingerprint)
);
CREATE INDEX signing_keys_by_organisation_id ON signing_keys (organisation_id, state);

-- What was signed at the submission or the withdrawal of a bid, word for word.
CREATE TABLE bid_signatures (
    bid_id TEXT NOT NULL REFERENCES bids (id),
    step TEXT NOT NULL,
    signing_key_id TEXT NOT NULL REFERENCES signing_keys (id),
    statement TEXT NOT NULL,
    signature TEXT NOT NULL,
    signed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (bid_id, step)
);
CREATE INDEX bid_signatures_by_signing_key_id ON bid_signatures (signing_key_id);

-- Receipts byte by byte as they were signed.
CREATE TABLE bid_receipts (
    bid_id TEXT NOT NULL PRIMARY KEY REFERENCES bids (id),
    provisional TEXT NOT NULL,
    finished TEXT,
    issued_at TIMESTAMP NOT NULL
);

CREATE INDEX bids_by_ciphertext_sha256 ON bids (ciphertext_sha256);
CREATE INDEX bid_attachments_by_ciphertext_sha256 ON bid_attachments (ciphertext_sha256);
