DROP TABLE unit_posts;
