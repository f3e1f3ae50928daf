DROP TABLE thresholds;
DROP INDEX rule_sets_by_tenant_id_created_at_id;
DROP TABLE rule_confirmations;
