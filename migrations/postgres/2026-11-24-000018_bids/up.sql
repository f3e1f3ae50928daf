-- Files of a bid, drafts, consortia, the session of the opening, the review and low prices.

CREATE TABLE bid_attachments (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    bid_id UUID REFERENCES bids (id),
    position INTEGER NOT NULL,
    sealed_by TEXT NOT NULL,
    recipient TEXT NOT NULL,
    label BYTEA,
    ciphertext_sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    uploaded_by UUID NOT NULL REFERENCES accounts (id),
    uploaded_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX bid_attachments_by_lot_id_organisation_id ON bid_attachments (lot_id, organisation_id);
CREATE INDEX bid_attachments_by_bid_id ON bid_attachments (bid_id);

CREATE TABLE bid_drafts (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    recipient TEXT NOT NULL,
    ciphertext BYTEA NOT NULL,
    updated_by UUID NOT NULL REFERENCES accounts (id),
    updated_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (lot_id, organisation_id)
);

CREATE TABLE bid_marks (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    other_bid_id UUID REFERENCES bids (id),
    stops BOOLEAN NOT NULL,
    detail_zh TEXT NOT NULL,
    detail_en TEXT NOT NULL,
    remedy_zh TEXT NOT NULL,
    remedy_en TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX bid_marks_by_lot_id ON bid_marks (lot_id);

CREATE TABLE bid_members (
    bid_id UUID NOT NULL REFERENCES bids (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    PRIMARY KEY (bid_id, organisation_id)
);

CREATE TABLE bid_statements (
    bid_id UUID NOT NULL PRIMARY KEY REFERENCES bids (id),
    subcontracting TEXT,
    declarations JSONB NOT NULL
);

CREATE TABLE consortium_members (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    lead_id UUID NOT NULL REFERENCES organisations (id),
    member_id UUID NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL,
    invited_by UUID NOT NULL REFERENCES accounts (id),
    invited_at TIMESTAMP NOT NULL,
    answered_by UUID REFERENCES accounts (id),
    answered_at TIMESTAMP,
    version BIGINT NOT NULL,
    UNIQUE (lot_id, lead_id, member_id)
);
CREATE INDEX consortium_members_by_lot_id_member_id ON consortium_members (lot_id, member_id);

CREATE TABLE lot_reviews (
    lot_id UUID NOT NULL PRIMARY KEY REFERENCES lots (id),
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    case_id UUID NOT NULL,
    state TEXT NOT NULL,
    low_share_bp INTEGER NOT NULL,
    started_by UUID NOT NULL REFERENCES accounts (id),
    started_at TIMESTAMP NOT NULL,
    concluded_by UUID REFERENCES accounts (id),
    concluded_at TIMESTAMP,
    note TEXT,
    version BIGINT NOT NULL
);

CREATE TABLE low_price_notices (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    case_id UUID NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    price_fen BIGINT NOT NULL,
    triggers TEXT NOT NULL,
    state TEXT NOT NULL,
    question TEXT NOT NULL,
    asked_by UUID NOT NULL REFERENCES accounts (id),
    asked_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    explanation TEXT,
    explained_by UUID REFERENCES accounts (id),
    explained_at TIMESTAMP,
    decision_reason TEXT,
    decided_by UUID REFERENCES accounts (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL,
    UNIQUE (bid_id)
);
CREATE INDEX low_price_notices_by_lot_id ON low_price_notices (lot_id);

CREATE TABLE opened_attachments (
    attachment_id UUID NOT NULL PRIMARY KEY REFERENCES bid_attachments (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE INDEX opened_attachments_by_bid_id ON opened_attachments (bid_id);

CREATE TABLE opening_reasons (
    lot_id UUID NOT NULL PRIMARY KEY REFERENCES lots (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    reason TEXT NOT NULL
);

CREATE TABLE opening_remarks (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    tender_id UUID NOT NULL REFERENCES tenders (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL,
    text TEXT,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMP NOT NULL
);
CREATE INDEX opening_remarks_by_tender_id_made_at ON opening_remarks (tender_id, made_at);

CREATE TABLE opening_sessions (
    tender_id UUID NOT NULL PRIMARY KEY REFERENCES tenders (id),
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    opened_by UUID NOT NULL REFERENCES accounts (id),
    opened_at TIMESTAMP NOT NULL,
    closed_by UUID REFERENCES accounts (id),
    closed_at TIMESTAMP
);

CREATE TABLE review_findings (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    bid_id UUID NOT NULL REFERENCES bids (id),
    stage TEXT NOT NULL,
    criterion TEXT NOT NULL,
    passed BOOLEAN NOT NULL,
    ground TEXT,
    reason TEXT,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMP NOT NULL,
    UNIQUE (bid_id, stage, criterion)
);
CREATE INDEX review_findings_by_lot_id ON review_findings (lot_id);
