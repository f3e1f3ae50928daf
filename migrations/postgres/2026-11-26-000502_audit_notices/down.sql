DROP TABLE audit_notice_units;
DROP TABLE audit_notices;
