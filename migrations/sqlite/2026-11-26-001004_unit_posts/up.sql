-- Posts (职务) that people hold in their units.
CREATE TABLE unit_posts (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    title TEXT NOT NULL,
    acting BOOLEAN NOT NULL,
    held_from DATE NOT NULL,
    held_to DATE,
    end_reason TEXT,
    made_by TEXT NOT NULL REFERENCES accounts (id),
    ended_by TEXT REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX unit_posts_by_unit_id ON unit_posts (unit_id, created_at, id);
CREATE INDEX unit_posts_by_account_id ON unit_posts (account_id);
