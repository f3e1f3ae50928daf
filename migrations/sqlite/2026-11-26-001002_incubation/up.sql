-- What a base offers and does: its places, the mentoring of who is there, and the assessments of what they can do.
ALTER TABLE incubations ADD COLUMN admission_reason TEXT;
ALTER TABLE incubations ADD COLUMN admitted_at TIMESTAMP;
ALTER TABLE incubations ADD COLUMN started_at TIMESTAMP;
ALTER TABLE incubations ADD COLUMN ended_at TIMESTAMP;

CREATE TABLE incubation_bases (
    unit_id TEXT NOT NULL PRIMARY KEY REFERENCES units (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    places INTEGER NOT NULL,
    set_by TEXT NOT NULL REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE mentoring_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    incubation_id TEXT NOT NULL REFERENCES incubations (id),
    held_on DATE NOT NULL,
    minutes INTEGER NOT NULL,
    topic TEXT NOT NULL,
    mentor TEXT NOT NULL,
    state TEXT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES accounts (id),
    answered_by TEXT REFERENCES accounts (id),
    answered_at TIMESTAMP,
    answer_note TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX mentoring_sessions_by_incubation_id ON mentoring_sessions (incubation_id, created_at, id);

CREATE TABLE capability_assessments (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    incubation_id TEXT NOT NULL REFERENCES incubations (id),
    assessed_on DATE NOT NULL,
    scores TEXT NOT NULL,
    remark TEXT,
    assessed_by TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX capability_assessments_by_incubation_id ON capability_assessments (incubation_id, created_at, id);
