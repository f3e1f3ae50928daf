-- What witnesses signed over a checkpoint: the lines of C2SP cosignatures, which follow the note's own signature.
CREATE TABLE journal_cosignatures (
    size BIGINT NOT NULL,
    witness TEXT NOT NULL,
    line TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    PRIMARY KEY (size, witness)
);

-- Leaves that stand for no entry, so that every batch of a journal with a cadence has one size. The salt opens the leaf.
CREATE TABLE journal_paddings (
    position BIGINT NOT NULL PRIMARY KEY,
    salt BLOB NOT NULL
);
