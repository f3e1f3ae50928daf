-- Complete subtrees of the journal's RFC 6962 tree; level 0 holds the leaves by their index.
CREATE TABLE journal_nodes (
    level INTEGER NOT NULL,
    position BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (level, position)
);

-- Signed tree heads, the exact bytes that were signed.
CREATE TABLE journal_checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
