DROP INDEX contracts_by_project_id;
DROP TABLE project_agreements;
ALTER TABLE projects DROP COLUMN brand;
