DROP TABLE organisation_records;
