ALTER TABLE levelkit_players DROP COLUMN seen_at;

DELETE FROM levelkit_migrations WHERE version = 3;
