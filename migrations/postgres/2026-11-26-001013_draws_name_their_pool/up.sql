-- The pool's root that a unit named when it revealed, and why somebody of a pool was passed over.
ALTER TABLE draw_contributions ADD COLUMN pool_root TEXT;
ALTER TABLE draw_pool ADD COLUMN passed_because TEXT;
