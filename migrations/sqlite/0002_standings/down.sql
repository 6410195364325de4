-- Takes the second version away again; scores, ranks and the ledger stay as they are.
DROP TRIGGER levelkit_score_comes;
DROP TRIGGER levelkit_score_moves;
DROP TRIGGER levelkit_score_goes;
DROP TABLE levelkit_scores;
DROP TABLE levelkit_score_counts;
ALTER TABLE levelkit_season_seals DROP COLUMN standings_sha256;
DROP INDEX levelkit_outbox_held_idx;
ALTER TABLE levelkit_outbox DROP COLUMN worker;
ALTER TABLE levelkit_outbox DROP COLUMN held_until;
ALTER TABLE levelkit_outbox DROP COLUMN deliveries;
DROP TABLE levelkit_erasures;
DELETE FROM levelkit_migrations WHERE version = 2;
