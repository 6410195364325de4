-- When a player last sent a command: `last_at` also moves when days are closed for somebody who is away.

ALTER TABLE levelkit.players ADD COLUMN seen_at timestamp;

UPDATE levelkit.players SET seen_at = last_at;

INSERT INTO levelkit.migrations (version, name, made) VALUES (3, 'seen_at', '{}');
