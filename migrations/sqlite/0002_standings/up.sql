-- Ranks that are exact at any moment however many take part, final standings that can be checked, an outbox that is delivered.

-- season_participations once more, in the order of the standings.
CREATE TABLE levelkit_scores (
  season_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  season_xp INTEGER NOT NULL,
  PRIMARY KEY (season_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX levelkit_scores_order_idx ON levelkit_scores (season_id, season_xp DESC, user_id);

-- How many have a score, by `score >> width`: one by one, by 256 and by 65,536. A rank is then a sum of few rows.
CREATE TABLE levelkit_score_counts (
  season_id TEXT NOT NULL,
  width INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (season_id, width, bucket)
) STRICT, WITHOUT ROWID;

INSERT INTO levelkit_scores (season_id, user_id, season_xp)
SELECT season_id, user_id, season_xp FROM season_participations;
INSERT INTO levelkit_score_counts (season_id, width, bucket, count)
SELECT season_id, width, season_xp >> width, count(*)
FROM levelkit_scores CROSS JOIN (SELECT 0 AS width UNION ALL SELECT 8 UNION ALL SELECT 16)
GROUP BY season_id, width, season_xp >> width;

-- There is one writer, so the counts follow at once. Whoever writes a score, these see it; a rank that is written is no score.
CREATE TRIGGER levelkit_score_comes AFTER INSERT ON season_participations
BEGIN
  INSERT INTO levelkit_scores (season_id, user_id, season_xp) VALUES (NEW.season_id, NEW.user_id, NEW.season_xp);
  INSERT INTO levelkit_score_counts (season_id, width, bucket, count)
  VALUES (NEW.season_id, 0, NEW.season_xp, 1), (NEW.season_id, 8, NEW.season_xp >> 8, 1),
    (NEW.season_id, 16, NEW.season_xp >> 16, 1)
  ON CONFLICT (season_id, width, bucket) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER levelkit_score_goes AFTER DELETE ON season_participations
BEGIN
  DELETE FROM levelkit_scores WHERE season_id = OLD.season_id AND user_id = OLD.user_id;
  UPDATE levelkit_score_counts SET count = count - 1 WHERE season_id = OLD.season_id AND width = 0 AND bucket = OLD.season_xp;
  UPDATE levelkit_score_counts SET count = count - 1 WHERE season_id = OLD.season_id AND width = 8 AND bucket = OLD.season_xp >> 8;
  UPDATE levelkit_score_counts SET count = count - 1 WHERE season_id = OLD.season_id AND width = 16 AND bucket = OLD.season_xp >> 16;
END;
CREATE TRIGGER levelkit_score_moves AFTER UPDATE OF season_id, user_id, season_xp ON season_participations
WHEN (OLD.season_id, OLD.user_id, OLD.season_xp) IS NOT (NEW.season_id, NEW.user_id, NEW.season_xp)
BEGIN
  UPDATE levelkit_scores SET season_id = NEW.season_id, user_id = NEW.user_id, season_xp = NEW.season_xp
  WHERE season_id = OLD.season_id AND user_id = OLD.user_id;
  UPDATE levelkit_score_counts SET count = count - 1 WHERE season_id = OLD.season_id AND width = 0 AND bucket = OLD.season_xp;
  UPDATE levelkit_score_counts SET count = count - 1 WHERE season_id = OLD.season_id AND width = 8 AND bucket = OLD.season_xp >> 8;
  UPDATE levelkit_score_counts SET count = count - 1 WHERE season_id = OLD.season_id AND width = 16 AND bucket = OLD.season_xp >> 16;
  INSERT INTO levelkit_score_counts (season_id, width, bucket, count)
  VALUES (NEW.season_id, 0, NEW.season_xp, 1), (NEW.season_id, 8, NEW.season_xp >> 8, 1),
    (NEW.season_id, 16, NEW.season_xp >> 16, 1)
  ON CONFLICT (season_id, width, bucket) DO UPDATE SET count = count + 1;
END;

-- Of a sealed season: the SHA-256 of its standings file, once its ranks are written.
ALTER TABLE levelkit_season_seals ADD COLUMN standings_sha256 TEXT;

-- The outbox: whoever delivers a player's events holds them until then.
ALTER TABLE levelkit_outbox ADD COLUMN worker TEXT;
ALTER TABLE levelkit_outbox ADD COLUMN held_until INTEGER;
ALTER TABLE levelkit_outbox ADD COLUMN deliveries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX levelkit_outbox_held_idx ON levelkit_outbox (user_id, held_until) WHERE held_until IS NOT NULL;

-- Players whose personal data was erased.
CREATE TABLE levelkit_erasures (
  user_id TEXT NOT NULL PRIMARY KEY REFERENCES levelkit_players (user_id),
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
