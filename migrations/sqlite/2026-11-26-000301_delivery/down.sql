DROP INDEX payments_live_invoice;
DROP TABLE payment_desks;
DROP TABLE contract_changes;
ALTER TABLE contracts DROP COLUMN halt_reason;
ALTER TABLE contracts DROP COLUMN released_fen;
