-- When a player last sent a command: `last_at` also moves when days are closed for somebody who is away.

ALTER TABLE levelkit_players ADD COLUMN seen_at INTEGER;

UPDATE levelkit_players SET seen_at = last_at;
