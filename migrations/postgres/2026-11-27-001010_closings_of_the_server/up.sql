-- A tender whose key the server holds is closed too: no ceremony made its key.
ALTER TABLE closings ALTER COLUMN ceremony_id DROP NOT NULL;
