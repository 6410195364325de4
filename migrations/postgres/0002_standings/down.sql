-- Takes the second version away again; scores, ranks and the ledger stay as they are. Run it in one transaction.

DROP TRIGGER IF EXISTS levelkit_score_comes ON public.season_participations;
DROP TRIGGER IF EXISTS levelkit_score_moves ON public.season_participations;
DROP TRIGGER IF EXISTS levelkit_score_goes ON public.season_participations;
DROP TRIGGER IF EXISTS levelkit_scores_go ON public.season_participations;
DROP FUNCTION levelkit.follow_score();
DROP FUNCTION levelkit.forget_scores();
DROP TABLE levelkit.scores;
DROP TABLE levelkit.score_counts;
DROP TABLE levelkit.score_moves;
ALTER TABLE levelkit.season_seals DROP COLUMN standings_sha256;
DROP INDEX levelkit.outbox_held_idx;
ALTER TABLE levelkit.outbox DROP COLUMN worker, DROP COLUMN held_until, DROP COLUMN deliveries;
DROP TABLE levelkit.erasures;
DELETE FROM levelkit.migrations WHERE version = 2;
