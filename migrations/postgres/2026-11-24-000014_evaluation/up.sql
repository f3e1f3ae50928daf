-- The pool of experts; panels drawn from it; discussion, report and what a bidder learns of its scores.
CREATE TABLE experts (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    account_id UUID UNIQUE REFERENCES accounts (id),
    state TEXT NOT NULL,
    state_reason TEXT,
    version BIGINT NOT NULL,
    created_by UUID NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX experts_by_tenant_id_created_at_id ON experts (tenant_id, created_at, id);
CREATE INDEX experts_by_tenant_id_state ON experts (tenant_id, state);

CREATE TABLE expert_fields (
    expert_id UUID NOT NULL REFERENCES experts (id),
    prefix TEXT NOT NULL,
    PRIMARY KEY (expert_id, prefix)
);

CREATE TABLE expert_ties (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    expert_id UUID NOT NULL REFERENCES experts (id),
    kind TEXT NOT NULL,
    organisation_id UUID REFERENCES organisations (id),
    unit_id UUID REFERENCES units (id),
    uscc TEXT,
    name TEXT NOT NULL,
    from_on DATE,
    until_on DATE,
    declared_by UUID NOT NULL REFERENCES accounts (id),
    declared_at TIMESTAMP NOT NULL
);
CREATE INDEX expert_ties_by_expert_id ON expert_ties (expert_id);

CREATE TABLE evaluations (
    lot_id UUID NOT NULL PRIMARY KEY REFERENCES lots (id),
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    field TEXT,
    experts INTEGER NOT NULL,
    seed TEXT,
    outlier_share_bp INTEGER NOT NULL,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMP NOT NULL,
    discussion_opened_at TIMESTAMP,
    discussion_closed_at TIMESTAMP,
    ranked_at TIMESTAMP,
    finished_at TIMESTAMP
);

CREATE TABLE panel_candidates (
    lot_id UUID NOT NULL REFERENCES lots (id),
    position INTEGER NOT NULL,
    expert_id UUID NOT NULL REFERENCES experts (id),
    called BOOLEAN NOT NULL,
    PRIMARY KEY (lot_id, position)
);

CREATE TABLE panel_members (
    lot_id UUID NOT NULL REFERENCES lots (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    expert_id UUID REFERENCES experts (id),
    capacity TEXT NOT NULL,
    is_chair BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    appointed_by UUID NOT NULL REFERENCES accounts (id),
    appointed_at TIMESTAMP NOT NULL,
    left_at TIMESTAMP,
    signed_at TIMESTAMP,
    agrees BOOLEAN,
    dissent TEXT,
    PRIMARY KEY (lot_id, account_id)
);
CREATE INDEX panel_members_by_account_id ON panel_members (account_id);

-- Who was appointed so far reviews; the new table knows in what capacity somebody sits.
INSERT INTO evaluations (lot_id, tenant_id, kind, experts, outlier_share_bp, made_by, made_at)
SELECT l.id, l.tenant_id, 'reviewers', 0, 2000, t.drafted_by, MIN(e.appointed_at)
FROM lot_evaluators e JOIN lots l ON l.id = e.lot_id JOIN tenders t ON t.id = l.tender_id GROUP BY l.id, l.tenant_id, t.drafted_by;
INSERT INTO panel_members (lot_id, account_id, capacity, is_chair, state, appointed_by, appointed_at)
SELECT lot_id, account_id, 'reviewer', FALSE, 'sitting', appointed_by, appointed_at FROM lot_evaluators;
DROP TABLE lot_evaluators;

CREATE TABLE sheet_remarks (
    sheet_id UUID NOT NULL REFERENCES score_sheets (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    remark TEXT NOT NULL,
    PRIMARY KEY (sheet_id, bid_id)
);

CREATE TABLE outliers (
    sheet_id UUID NOT NULL REFERENCES score_sheets (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    own_bp BIGINT NOT NULL,
    others_bp BIGINT NOT NULL,
    answer TEXT,
    reason TEXT,
    answered_at TIMESTAMP,
    PRIMARY KEY (sheet_id, bid_id)
);

CREATE TABLE score_amendments (
    sheet_id UUID NOT NULL REFERENCES score_sheets (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    position INTEGER NOT NULL,
    before_bp INTEGER NOT NULL,
    after_bp INTEGER NOT NULL,
    amended_at TIMESTAMP NOT NULL,
    PRIMARY KEY (sheet_id, bid_id, position)
);
