DROP TABLE bid_reveals;
DROP INDEX closings_by_reserves_called_at;
ALTER TABLE closings DROP COLUMN lost_because;
ALTER TABLE closings DROP COLUMN lost_at;
ALTER TABLE closings DROP COLUMN reserves_called_at;
ALTER TABLE ceremony_members DROP COLUMN reserve;
ALTER TABLE opener_ceremonies DROP COLUMN reserve_after_hours;
