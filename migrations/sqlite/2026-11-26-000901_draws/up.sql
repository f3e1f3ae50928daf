-- Draws of experts and of tied bids: what each unit committed to, the frozen pool, what was revealed, and the permutation that follows.
CREATE TABLE draws (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    purpose TEXT NOT NULL,
    place INTEGER,
    method TEXT NOT NULL,
    because TEXT,
    experts INTEGER NOT NULL,
    field TEXT,
    representatives TEXT NOT NULL,
    reveal_hours INTEGER NOT NULL,
    state TEXT NOT NULL,
    opened_by TEXT NOT NULL REFERENCES accounts (id),
    opened_at TIMESTAMP NOT NULL,
    frozen_at TIMESTAMP,
    freeze_entry TEXT,
    reveal_by TIMESTAMP,
    pool_root TEXT,
    checkpoint_size BIGINT,
    checkpoint_root TEXT,
    seed TEXT,
    drawn_at TIMESTAMP,
    silent_unit TEXT,
    ended_at TIMESTAMP,
    version BIGINT NOT NULL
);
CREATE INDEX draws_by_lot_id ON draws (lot_id, opened_at);

-- A unit's share of the randomness of a draw: the hash first, what it hides after the freeze.
CREATE TABLE draw_contributions (
    draw_id TEXT NOT NULL REFERENCES draws (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    position INTEGER NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    commitment TEXT NOT NULL,
    committed_at TIMESTAMP NOT NULL,
    nonce TEXT,
    revealed_at TIMESTAMP,
    late BOOLEAN NOT NULL,
    PRIMARY KEY (draw_id, unit_id)
);

-- The frozen pool of a draw in the order of its leaves.
CREATE TABLE draw_pool (
    draw_id TEXT NOT NULL REFERENCES draws (id),
    position INTEGER NOT NULL,
    leaf TEXT NOT NULL,
    salt TEXT NOT NULL,
    member_id TEXT NOT NULL,
    turn INTEGER,
    outcome TEXT,
    PRIMARY KEY (draw_id, position)
);
