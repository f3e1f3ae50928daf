DROP TABLE contract_seals;
ALTER TABLE milestones DROP COLUMN deliverables;
