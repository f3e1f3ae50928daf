DROP TABLE directory_applications;
DROP TABLE directory_calls;
