-- Direct and imported awards have no bid, so bid_id may be empty: the table is made anew.
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE awards_new (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    tender_id TEXT NOT NULL REFERENCES tenders (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    bid_id TEXT REFERENCES bids (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    price_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES accounts (id),
    confirmed_by TEXT REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    origin TEXT NOT NULL DEFAULT 'ranked',
    place INTEGER,
    reason TEXT,
    decided_on DATE,
    published_at TIMESTAMP,
    notice_ends DATE,
    standstill_ends DATE,
    notice_url TEXT,
    ended_by TEXT REFERENCES accounts (id),
    ended_at TIMESTAMP,
    end_reason TEXT
);
INSERT INTO awards_new (id, tenant_id, tender_id, lot_id, case_id, unit_id, bid_id, organisation_id, price_fen, state, proposed_by, confirmed_by, version, created_at)
SELECT id, tenant_id, tender_id, lot_id, case_id, unit_id, bid_id, organisation_id, price_fen, state, proposed_by, confirmed_by, version, created_at FROM awards;
DROP TABLE awards;
ALTER TABLE awards_new RENAME TO awards;
CREATE INDEX awards_by_lot_id ON awards (lot_id);
CREATE INDEX awards_by_case_id ON awards (case_id);
CREATE UNIQUE INDEX awards_one_living ON awards (lot_id) WHERE state IN ('proposed', 'confirmed', 'contracting');

CREATE TABLE suspensions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    cause_kind TEXT NOT NULL,
    cause_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    imposed_by TEXT NOT NULL REFERENCES accounts (id),
    imposed_at TIMESTAMP NOT NULL,
    ends_on DATE,
    lifted_at TIMESTAMP
);
CREATE INDEX suspensions_by_lot_id ON suspensions (lot_id);
CREATE INDEX suspensions_by_cause_id ON suspensions (cause_id);

CREATE TABLE challenges (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    tender_id TEXT NOT NULL REFERENCES tenders (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    step TEXT NOT NULL,
    about_id TEXT NOT NULL,
    award_id TEXT REFERENCES awards (id),
    known_on DATE,
    state TEXT NOT NULL,
    filed_by TEXT NOT NULL REFERENCES accounts (id),
    filed_at TIMESTAMP NOT NULL,
    answer_due_on DATE,
    answer TEXT,
    consequence TEXT,
    answered_by TEXT REFERENCES accounts (id),
    answered_at TIMESTAMP,
    version BIGINT NOT NULL,
    UNIQUE (about_id, step, organisation_id)
);
CREATE INDEX challenges_by_lot_id ON challenges (lot_id);
CREATE INDEX challenges_by_case_id ON challenges (case_id);

CREATE TABLE challenge_points (
    challenge_id TEXT NOT NULL REFERENCES challenges (id),
    number INTEGER NOT NULL,
    fact TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (challenge_id, number)
);

CREATE TABLE complaints (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    challenge_id TEXT NOT NULL UNIQUE REFERENCES challenges (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    statement TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_by TEXT NOT NULL REFERENCES accounts (id),
    filed_at TIMESTAMP NOT NULL,
    reviewed_by TEXT REFERENCES accounts (id),
    reviewed_at TIMESTAMP,
    review_reason TEXT,
    decision TEXT,
    consequence TEXT,
    decided_by TEXT REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL
);
CREATE INDEX complaints_by_lot_id ON complaints (lot_id);
CREATE INDEX complaints_by_case_id ON complaints (case_id);
CREATE INDEX complaints_by_tenant_id_filed_at_id ON complaints (tenant_id, filed_at, id);

CREATE TABLE complaint_points (
    complaint_id TEXT NOT NULL REFERENCES complaints (id),
    number INTEGER NOT NULL,
    PRIMARY KEY (complaint_id, number)
);
CREATE INDEX tenders_by_predecessor_lot_id ON tenders (predecessor_lot_id);
COMMIT;
PRAGMA foreign_keys = ON;
