-- A project has a brand of its own, and may be fed by several agreements.
ALTER TABLE projects ADD COLUMN brand TEXT;

CREATE TABLE project_agreements (
    project_id TEXT NOT NULL REFERENCES projects (id),
    agreement_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    payee_id TEXT NOT NULL REFERENCES organisations (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (project_id, agreement_id)
);
CREATE INDEX project_agreements_by_case_id ON project_agreements (case_id);
CREATE INDEX project_agreements_by_payee_id ON project_agreements (payee_id);
CREATE INDEX contracts_by_project_id ON contracts (project_id);
INSERT INTO project_agreements (project_id, agreement_id, case_id, payee_id, position)
SELECT id, agreement_id, case_id, payee_id, 1 FROM projects WHERE agreement_id IS NOT NULL;
