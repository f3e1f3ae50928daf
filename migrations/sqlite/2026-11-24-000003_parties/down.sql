DROP TABLE unit_parents;
DROP TABLE organisation_standings;
DROP TABLE organisation_profiles;
DROP TABLE organisation_controllers;
DROP TABLE mandates;
DROP TABLE duty_exceptions;
DROP TABLE delegations;
DROP TABLE declarations;
