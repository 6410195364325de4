-- Two roles that may do what they need and no more: run this as the owner of the tables, after every migration. Running it again is
-- harmless. Neither role may log in: grant them to those that do, `GRANT levelkit_app TO my_service`.
--
-- levelkit_app does everything that a store does once its tables are there. It cannot change or remove what the ledger holds, nor
-- tables, triggers, the notes of migrations or what was sealed. levelkit_read sees how players stand, and writes nothing; sessions,
-- accounts and verifications are hidden from it, and so are the addresses.

DO $$
DECLARE
  item text;
BEGIN
  FOREACH item IN ARRAY ARRAY['levelkit_app', 'levelkit_read'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = item) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', item);
    END IF;
  END LOOP;
  -- A refresh of a leaderboard keeps what it is about to write in a temporary table.
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO levelkit_app', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO levelkit_read', current_database());
END
$$;

GRANT USAGE ON SCHEMA public, levelkit TO levelkit_app, levelkit_read;

-- What was granted before and is no longer.
REVOKE ALL ON ALL TABLES IN SCHEMA levelkit FROM levelkit_app, levelkit_read;
REVOKE ALL ON public.users, public.sessions, public.accounts, public.verifications, public.seasons, public.season_participations,
  public.season_leaderboards, public.quest_templates, public.quest_logs, public.daily_logs, public.xp_events, public.xp_modifiers,
  public.titles, public.user_titles, public.bosses, public.boss_phases, public.boss_attempts, public.dungeons,
  public.dungeon_attempts, public.game_configs, public.narrative_contents FROM levelkit_app, levelkit_read;

-- Those of triggers run as the tables' owner: whoever may execute one can put it on a table of their own, and has it write for them.
-- The triggers that are there fire all the same.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA levelkit FROM PUBLIC;

-- The application -----------------------------------------------------------------------------------------------------------

-- The ledger only grows.
GRANT SELECT, INSERT ON public.xp_events, public.xp_modifiers, levelkit.award_rules TO levelkit_app;
-- Players and what they do.
GRANT SELECT, INSERT, UPDATE ON public.users, public.season_participations, public.season_leaderboards, public.quest_logs,
  public.daily_logs, public.user_titles, public.boss_attempts, public.dungeon_attempts TO levelkit_app;
-- An erasure removes these.
GRANT SELECT, INSERT, UPDATE, DELETE ON public.sessions, public.accounts, public.verifications TO levelkit_app;
-- The ruleset's content.
GRANT SELECT, INSERT, UPDATE ON public.seasons, public.quest_templates, public.titles, public.bosses, public.dungeons,
  public.game_configs TO levelkit_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.boss_phases, public.narrative_contents TO levelkit_app;
-- What the rules need beyond that.
GRANT SELECT ON levelkit.migrations, levelkit.scores TO levelkit_app;
GRANT SELECT, INSERT ON levelkit.rulesets, levelkit.specials, levelkit.commands, levelkit.erasures, levelkit.season_seals
  TO levelkit_app;
GRANT UPDATE (active_from) ON levelkit.rulesets TO levelkit_app;
GRANT UPDATE (standings_sha256) ON levelkit.season_seals TO levelkit_app;
GRANT UPDATE (reason) ON levelkit.adjustments TO levelkit_app;
GRANT SELECT, INSERT ON levelkit.adjustments TO levelkit_app;
GRANT SELECT, INSERT, UPDATE ON levelkit.players, levelkit.legacy, levelkit.zone_history, levelkit.counters,
  levelkit.title_history, levelkit.attempts, levelkit.score_counts TO levelkit_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON levelkit.facts, levelkit.sums, levelkit.outbox TO levelkit_app;
-- Moves are made by a trigger, which runs as the tables' owner; the application only takes them into the counts.
GRANT SELECT, DELETE ON levelkit.score_moves TO levelkit_app;

-- Reports -------------------------------------------------------------------------------------------------------------------

GRANT SELECT (id, name, image, timezone, created_at, updated_at, level, total_xp, current_streak, longest_streak, perfect_streak,
  debuff_active_until, str, agi, vit, disc, active_title_id) ON public.users TO levelkit_read;
GRANT SELECT ON public.seasons, public.season_participations, public.season_leaderboards, public.quest_templates,
  public.quest_logs, public.daily_logs, public.xp_events, public.xp_modifiers, public.titles, public.user_titles, public.bosses,
  public.boss_phases, public.boss_attempts, public.dungeons, public.dungeon_attempts, public.game_configs,
  public.narrative_contents TO levelkit_read;
GRANT SELECT ON ALL TABLES IN SCHEMA levelkit TO levelkit_read;
