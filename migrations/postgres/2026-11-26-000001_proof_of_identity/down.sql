DROP TABLE readings;
DROP TABLE api_tokens;
DROP TABLE account_invitations;
DROP TABLE account_recoveries;
DROP TABLE password_resets;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE sessions DROP COLUMN factor_at;
ALTER TABLE sessions DROP COLUMN proved_at;
