DROP TABLE journal_checkpoints;
DROP TABLE journal_nodes;
