ALTER TABLE draw_pool DROP COLUMN passed_because;
ALTER TABLE draw_contributions DROP COLUMN pool_root;
