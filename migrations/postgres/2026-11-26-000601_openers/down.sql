DROP TABLE opening_contributions;
DROP TABLE closings;
DROP TABLE ceremony_shares;
DROP TABLE ceremony_members;
DROP TABLE opener_ceremonies;
DROP TABLE opener_keys;
