ALTER TABLE levelkit.players DROP COLUMN seen_at;

DELETE FROM levelkit.migrations WHERE version = 3;
