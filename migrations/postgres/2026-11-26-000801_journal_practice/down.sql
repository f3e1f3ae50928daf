DROP TABLE journal_paddings;
DROP TABLE journal_cosignatures;
