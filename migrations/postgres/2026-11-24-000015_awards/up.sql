-- Direct and imported awards have no bid.
ALTER TABLE awards ALTER COLUMN bid_id DROP NOT NULL;
ALTER TABLE awards ADD COLUMN origin TEXT NOT NULL DEFAULT 'ranked';
ALTER TABLE awards ADD COLUMN place INTEGER;
ALTER TABLE awards ADD COLUMN reason TEXT;
ALTER TABLE awards ADD COLUMN decided_on DATE;
ALTER TABLE awards ADD COLUMN published_at TIMESTAMP;
ALTER TABLE awards ADD COLUMN notice_ends DATE;
ALTER TABLE awards ADD COLUMN standstill_ends DATE;
ALTER TABLE awards ADD COLUMN notice_url TEXT;
ALTER TABLE awards ADD COLUMN ended_by UUID REFERENCES accounts (id);
ALTER TABLE awards ADD COLUMN ended_at TIMESTAMP;
ALTER TABLE awards ADD COLUMN end_reason TEXT;
CREATE UNIQUE INDEX awards_one_living ON awards (lot_id) WHERE state IN ('proposed', 'confirmed', 'contracting');

CREATE TABLE suspensions (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    cause_kind TEXT NOT NULL,
    cause_id UUID NOT NULL,
    reason TEXT NOT NULL,
    imposed_by UUID NOT NULL REFERENCES accounts (id),
    imposed_at TIMESTAMP NOT NULL,
    ends_on DATE,
    lifted_at TIMESTAMP
);
CREATE INDEX suspensions_by_lot_id ON suspensions (lot_id);
CREATE INDEX suspensions_by_cause_id ON suspensions (cause_id);

CREATE TABLE challenges (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    case_id UUID NOT NULL,
    unit_id UUID NOT NULL REFERENCES units (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    step TEXT NOT NULL,
    about_id UUID NOT NULL,
    award_id UUID REFERENCES awards (id),
    known_on DATE,
    state TEXT NOT NULL,
    filed_by UUID NOT NULL REFERENCES accounts (id),
    filed_at TIMESTAMP NOT NULL,
    answer_due_on DATE,
    answer TEXT,
    consequence TEXT,
    answered_by UUID REFERENCES accounts (id),
    answered_at TIMESTAMP,
    version BIGINT NOT NULL,
    UNIQUE (about_id, step, organisation_id)
);
CREATE INDEX challenges_by_lot_id ON challenges (lot_id);
CREATE INDEX challenges_by_case_id ON challenges (case_id);

CREATE TABLE challenge_points (
    challenge_id UUID NOT NULL REFERENCES challenges (id),
    number INTEGER NOT NULL,
    fact TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (challenge_id, number)
);

CREATE TABLE complaints (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    challenge_id UUID NOT NULL UNIQUE REFERENCES challenges (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    case_id UUID NOT NULL,
    unit_id UUID NOT NULL REFERENCES units (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    statement TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_by UUID NOT NULL REFERENCES accounts (id),
    filed_at TIMESTAMP NOT NULL,
    reviewed_by UUID REFERENCES accounts (id),
    reviewed_at TIMESTAMP,
    review_reason TEXT,
    decision TEXT,
    consequence TEXT,
    decided_by UUID REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL
);
CREATE INDEX complaints_by_lot_id ON complaints (lot_id);
CREATE INDEX complaints_by_case_id ON complaints (case_id);
CREATE INDEX complaints_by_tenant_id_filed_at_id ON complaints (tenant_id, filed_at, id);

CREATE TABLE complaint_points (
    complaint_id UUID NOT NULL REFERENCES complaints (id),
    number INTEGER NOT NULL,
    PRIMARY KEY (complaint_id, number)
);
CREATE INDEX tenders_by_predecessor_lot_id ON tenders (predecessor_lot_id);
