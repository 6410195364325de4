-- Ranks that are exact at any moment however many take part, final standings that can be checked, an outbox that is delivered.
--
-- Nothing is put into `public` but triggers on season_participations: whoever writes a score there, the counts follow. Every name
-- is qualified. Run it in one transaction.

INSERT INTO levelkit.migrations (version, name, made) VALUES (2, 'standings', '{}');

-- Scores -----------------------------------------------------------------------------------------------------------------

-- season_participations once more, in the order of the standings.
CREATE TABLE levelkit.scores (
  season_id text NOT NULL,
  user_id text NOT NULL,
  season_xp bigint NOT NULL,
  PRIMARY KEY (season_id, user_id)
);
CREATE INDEX scores_order_idx ON levelkit.scores (season_id, season_xp DESC, user_id COLLATE "C");

-- How many have a score, by `score >> width`: one by one, by 256 and by 65,536. A rank is then a sum of few rows.
CREATE TABLE levelkit.score_counts (
  season_id text NOT NULL,
  width integer NOT NULL,
  bucket bigint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (season_id, width, bucket)
) WITH (fillfactor = 70);

-- Changes of scores that the counts do not know yet. Players only ever add rows here, so none waits for another; now and then
-- somebody takes all of them away and adds them up, in one statement. Counts and moves of one moment together are exact.
CREATE TABLE levelkit.score_moves (
  season_id text NOT NULL,
  from_xp bigint,                                  -- none: joined
  to_xp bigint                                     -- none: left
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

INSERT INTO levelkit.scores (season_id, user_id, season_xp)
SELECT season_id, user_id, season_xp FROM public.season_participations;
INSERT INTO levelkit.score_counts (season_id, width, bucket, count)
SELECT season_id, width, season_xp >> width, count(*) FROM levelkit.scores CROSS JOIN (VALUES (0), (8), (16)) AS widths (width)
GROUP BY season_id, width, season_xp >> width;
ANALYZE levelkit.scores;
ANALYZE levelkit.score_counts;

-- Whose scores somebody else's statement changes may know nothing of levelkit's tables, so this runs as their owner.
CREATE FUNCTION levelkit.follow_score() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  stays boolean := TG_OP = 'UPDATE';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    stays := (OLD.season_id, OLD.user_id) = (NEW.season_id, NEW.user_id);
  END IF;
  IF TG_OP <> 'INSERT' AND NOT stays THEN
    DELETE FROM levelkit.scores WHERE season_id = OLD.season_id AND user_id = OLD.user_id;
    INSERT INTO levelkit.score_moves (season_id, from_xp, to_xp) VALUES (OLD.season_id, OLD.season_xp, NULL);
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN NULL;
  END IF;
  -- A seal waits for whoever holds this lock. Who gets it only after the seal was set comes too late, and is to decide anew.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended(NEW.season_id, 7812740155820811622));
  IF EXISTS (SELECT 1 FROM levelkit.season_seals WHERE season_id = NEW.season_id) THEN
    RAISE EXCEPTION 'season % is sealed, its scores no longer change', NEW.season_id USING ERRCODE = 'serialization_failure';
  END IF;
  IF stays THEN
    UPDATE levelkit.scores SET season_xp = NEW.season_xp WHERE season_id = NEW.season_id AND user_id = NEW.user_id;
    INSERT INTO levelkit.score_moves (season_id, from_xp, to_xp) VALUES (NEW.season_id, OLD.season_xp, NEW.season_xp);
  ELSE
    INSERT INTO levelkit.scores (season_id, user_id, season_xp) VALUES (NEW.season_id, NEW.user_id, NEW.season_xp);
    INSERT INTO levelkit.score_moves (season_id, from_xp, to_xp) VALUES (NEW.season_id, NULL, NEW.season_xp);
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION levelkit.forget_scores() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM levelkit.scores;
  DELETE FROM levelkit.score_moves;
  DELETE FROM levelkit.score_counts;
  RETURN NULL;
END
$$;

-- A rank that is written is no score.
CREATE TRIGGER levelkit_score_comes AFTER INSERT ON public.season_participations
FOR EACH ROW EXECUTE FUNCTION levelkit.follow_score();
CREATE TRIGGER levelkit_score_moves AFTER UPDATE OF season_id, user_id, season_xp ON public.season_participations
FOR EACH ROW WHEN ((OLD.season_id, OLD.user_id, OLD.season_xp) IS DISTINCT FROM (NEW.season_id, NEW.user_id, NEW.season_xp))
EXECUTE FUNCTION levelkit.follow_score();
CREATE TRIGGER levelkit_score_goes AFTER DELETE ON public.season_participations
FOR EACH ROW EXECUTE FUNCTION levelkit.follow_score();
CREATE TRIGGER levelkit_scores_go AFTER TRUNCATE ON public.season_participations
FOR EACH STATEMENT EXECUTE FUNCTION levelkit.forget_scores();

-- Of a sealed season: the SHA-256 of its standings file, once its ranks are written.
ALTER TABLE levelkit.season_seals ADD COLUMN standings_sha256 text;

-- The outbox: whoever delivers a player's events holds them until then. ---------------------------------------------------

ALTER TABLE levelkit.outbox ADD COLUMN worker text;
ALTER TABLE levelkit.outbox ADD COLUMN held_until timestamp;
ALTER TABLE levelkit.outbox ADD COLUMN deliveries integer NOT NULL DEFAULT 0;
CREATE INDEX outbox_held_idx ON levelkit.outbox (user_id, held_until) WHERE held_until IS NOT NULL;

-- Players whose personal data was erased. ------------------------------------------------------------------------------------

CREATE TABLE levelkit.erasures (
  user_id text PRIMARY KEY REFERENCES levelkit.players (user_id),
  at timestamp NOT NULL
);
