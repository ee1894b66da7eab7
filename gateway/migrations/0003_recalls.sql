-- When one receiver's copy of a message to many was taken back; NULL: it was not.
ALTER TABLE deliveries ADD COLUMN revoked_ms BIGINT;
