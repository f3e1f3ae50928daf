DROP TABLE draw_pool;
DROP TABLE draw_contributions;
DROP TABLE draws;
