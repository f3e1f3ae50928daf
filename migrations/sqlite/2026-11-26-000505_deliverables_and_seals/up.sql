-- What a milestone is to bring, a line each.
ALTER TABLE milestones ADD COLUMN deliverables TEXT NOT NULL DEFAULT '';

-- Electronic seals under a contract, which a sealing service signed for.
CREATE TABLE contract_seals (
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    party TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    service TEXT NOT NULL,
    document_sha256 TEXT NOT NULL,
    sealed_at TIMESTAMP NOT NULL,
    signature TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (contract_id, party)
);
