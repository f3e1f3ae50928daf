DROP TABLE capability_assessments;
DROP TABLE mentoring_sessions;
DROP TABLE incubation_bases;
ALTER TABLE incubations DROP COLUMN ended_at;
ALTER TABLE incubations DROP COLUMN started_at;
ALTER TABLE incubations DROP COLUMN admitted_at;
ALTER TABLE incubations DROP COLUMN admission_reason;
