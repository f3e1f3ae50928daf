CREATE TABLE rule_confirmations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    rule_set_id TEXT NOT NULL REFERENCES rule_sets (id),
    former_set_id TEXT NOT NULL REFERENCES rule_sets (id),
    rule_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    change TEXT NOT NULL,
    severity TEXT NOT NULL,
    confidence TEXT NOT NULL,
    former_severity TEXT NOT NULL,
    former_confidence TEXT NOT NULL,
    source TEXT NOT NULL,
    note TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, rule_id, sequence)
);
CREATE INDEX rule_confirmations_by_rule_set_id ON rule_confirmations (rule_set_id);
CREATE INDEX rule_sets_by_tenant_id_created_at_id ON rule_sets (tenant_id, created_at, id);

CREATE TABLE thresholds (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    year INTEGER NOT NULL,
    level TEXT NOT NULL,
    version BIGINT NOT NULL,
    open_tender_fen BIGINT NOT NULL,
    statutory_fen BIGINT NOT NULL,
    selection_from_fen BIGINT NOT NULL,
    quotes_from_fen BIGINT NOT NULL,
    minutes_from_fen BIGINT NOT NULL,
    confidence TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (tenant_id, year, level, version)
);
