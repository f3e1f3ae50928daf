-- The payments of a contract, and those of a unit that wait in a state.
CREATE INDEX payments_by_contract_id ON payments (contract_id);
CREATE INDEX payments_by_tenant_id_unit_id_state_created_at ON payments (tenant_id, unit_id, state, created_at);
