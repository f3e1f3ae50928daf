DROP INDEX bid_attachments_by_ciphertext_sha256;
DROP INDEX bids_by_ciphertext_sha256;
DROP TABLE bid_receipts;
DROP TABLE bid_signatures;
DROP TABLE signing_keys;
