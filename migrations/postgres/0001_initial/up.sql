-- levelkit on PostgreSQL, first version.
--
-- In `public`: the 21 tables an application knows, with the names, types, defaults and column order that Drizzle gives them. What
-- is there already stays as it is, rows included; what is missing is added. Nothing else is put into `public`, apart from the
-- triggers that keep the two ledger tables append-only.
--
-- In `levelkit`: what the rules need beyond that. Instants are timestamps in UTC, dates are texts YYYY-MM-DD.
--
-- Every name is qualified, so that neither search_path nor TimeZone matters. Run it in one transaction.

CREATE SCHEMA IF NOT EXISTS levelkit;

-- Applied migrations. `made` lists what a migration created in `public`: only that may ever be dropped again.
CREATE TABLE levelkit.migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  made text[] NOT NULL,
  applied_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);

INSERT INTO levelkit.migrations (version, name, made)
SELECT 1, 'initial', ARRAY(
  SELECT 'table ' || name FROM unnest(ARRAY['users', 'sessions', 'accounts', 'verifications', 'seasons', 'season_participations',
    'season_leaderboards', 'quest_templates', 'quest_logs', 'daily_logs', 'xp_events', 'xp_modifiers', 'titles', 'user_titles',
    'bosses', 'boss_phases', 'boss_attempts', 'dungeons', 'dungeon_attempts', 'game_configs', 'narrative_contents']) AS name
  WHERE to_regclass('public.' || name) IS NULL
  UNION ALL
  SELECT 'type ' || name FROM unnest(ARRAY['quest_type', 'quest_category', 'quest_status', 'stat_type', 'xp_event_source',
    'modifier_type', 'title_condition_type', 'passive_type', 'title_rarity', 'boss_difficulty', 'boss_attempt_status',
    'dungeon_difficulty', 'dungeon_attempt_status', 'season_status', 'narrative_category']) AS name
  WHERE to_regtype('public.' || name) IS NULL
);

-- Labels ----------------------------------------------------------------------------------------------------------------

DO $$
DECLARE
  label record;
BEGIN
  FOR label IN SELECT * FROM (VALUES
    ('quest_type', ARRAY['DAILY', 'WEEKLY', 'DUNGEON', 'BOSS']),
    ('quest_category', ARRAY['MOVEMENT', 'STRENGTH', 'RECOVERY', 'NUTRITION', 'DISCIPLINE']),
    ('quest_status', ARRAY['ACTIVE', 'COMPLETED', 'FAILED', 'EXPIRED']),
    ('stat_type', ARRAY['STR', 'AGI', 'VIT', 'DISC']),
    ('xp_event_source', ARRAY['QUEST_COMPLETION', 'STREAK_BONUS', 'BOSS_DEFEAT', 'DUNGEON_CLEAR', 'SEASON_BONUS', 'TITLE_BONUS',
      'MANUAL_ADJUSTMENT']),
    ('modifier_type', ARRAY['DEBUFF_PENALTY', 'STREAK_BONUS', 'WEEKEND_BONUS', 'SEASON_MULTIPLIER', 'TITLE_PASSIVE',
      'DUNGEON_MULTIPLIER']),
    ('title_condition_type', ARRAY['STREAK_DAYS', 'CUMULATIVE_COUNT', 'TIME_WINDOW', 'EVENT_COUNT', 'COMPOUND', 'SPECIAL']),
    ('passive_type', ARRAY['FLAT_XP_BONUS', 'PERCENT_XP_BONUS', 'STAT_BONUS', 'DEBUFF_REDUCTION']),
    ('title_rarity', ARRAY['COMMON', 'UNCOMMON', 'RARE', 'EPIC', 'LEGENDARY']),
    ('boss_difficulty', ARRAY['NORMAL', 'HARD', 'NIGHTMARE']),
    ('boss_attempt_status', ARRAY['IN_PROGRESS', 'VICTORY', 'DEFEAT', 'ABANDONED']),
    ('dungeon_difficulty', ARRAY['E_RANK', 'D_RANK', 'C_RANK', 'B_RANK', 'A_RANK', 'S_RANK']),
    ('dungeon_attempt_status', ARRAY['IN_PROGRESS', 'CLEARED', 'FAILED', 'TIMED_OUT']),
    ('season_status', ARRAY['UPCOMING', 'ACTIVE', 'ENDED']),
    ('narrative_category', ARRAY['ONBOARDING', 'SYSTEM_MESSAGE', 'DAILY_QUEST', 'DEBUFF', 'DUNGEON', 'BOSS', 'TITLE', 'SEASON',
      'LEVEL_UP', 'DAILY_REMINDER'])
  ) AS labels (name, options) LOOP
    IF to_regtype('public.' || label.name) IS NULL THEN
      EXECUTE format('CREATE TYPE public.%I AS ENUM (%s)', label.name,
        (SELECT string_agg(quote_literal(option), ', ' ORDER BY place)
         FROM unnest(label.options) WITH ORDINALITY AS listed (option, place)));
    END IF;
  END LOOP;
END
$$;

-- Accounts and players --------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.users (
  id text PRIMARY KEY NOT NULL,
  email text NOT NULL,
  email_verified boolean DEFAULT false NOT NULL,
  name text,
  image text,
  timezone text DEFAULT 'UTC' NOT NULL,
  created_at timestamp DEFAULT now() NOT NULL,
  updated_at timestamp DEFAULT now() NOT NULL,
  level integer DEFAULT 1 NOT NULL,
  total_xp bigint DEFAULT 0 NOT NULL,
  current_streak integer DEFAULT 0 NOT NULL,
  longest_streak integer DEFAULT 0 NOT NULL,
  perfect_streak integer DEFAULT 0 NOT NULL,
  debuff_active_until timestamp,
  str integer DEFAULT 10 NOT NULL,
  agi integer DEFAULT 10 NOT NULL,
  vit integer DEFAULT 10 NOT NULL,
  disc integer DEFAULT 10 NOT NULL,
  active_title_id text,
  CONSTRAINT users_email_unique UNIQUE (email)
);

CREATE TABLE IF NOT EXISTS public.sessions (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT sessions_user_id_users_id_fk REFERENCES public.users (id) ON DELETE CASCADE,
  token text NOT NULL,
  expires_at timestamp NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamp DEFAULT now() NOT NULL,
  updated_at timestamp DEFAULT now() NOT NULL,
  CONSTRAINT sessions_token_unique UNIQUE (token)
);

CREATE TABLE IF NOT EXISTS public.accounts (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT accounts_user_id_users_id_fk REFERENCES public.users (id) ON DELETE CASCADE,
  account_id text NOT NULL,
  provider_id text NOT NULL,
  access_token text,
  refresh_token text,
  access_token_expires_at timestamp,
  refresh_token_expires_at timestamp,
  scope text,
  id_token text,
  password text,
  created_at timestamp DEFAULT now() NOT NULL,
  updated_at timestamp DEFAULT now() NOT NULL
);

CREATE TABLE IF NOT EXISTS public.verifications (
  id text PRIMARY KEY NOT NULL,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamp NOT NULL,
  created_at timestamp DEFAULT now() NOT NULL,
  updated_at timestamp DEFAULT now() NOT NULL
);

-- Seasons ---------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.seasons (
  id text PRIMARY KEY NOT NULL,
  number integer NOT NULL,
  name text NOT NULL,
  theme text NOT NULL,
  description text NOT NULL,
  start_date timestamp NOT NULL,
  end_date timestamp NOT NULL,
  status public.season_status DEFAULT 'UPCOMING' NOT NULL,
  xp_multiplier real DEFAULT 1 NOT NULL,
  CONSTRAINT seasons_number_unique UNIQUE (number)
);

CREATE TABLE IF NOT EXISTS public.season_participations (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT season_participations_user_id_users_id_fk REFERENCES public.users (id),
  season_id text NOT NULL CONSTRAINT season_participations_season_id_seasons_id_fk REFERENCES public.seasons (id),
  season_xp bigint DEFAULT 0 NOT NULL,
  rank integer,
  joined_at timestamp DEFAULT now() NOT NULL,
  CONSTRAINT season_participations_user_id_season_id_unique UNIQUE (user_id, season_id)
);

CREATE TABLE IF NOT EXISTS public.season_leaderboards (
  id text PRIMARY KEY NOT NULL,
  season_id text NOT NULL CONSTRAINT season_leaderboards_season_id_seasons_id_fk REFERENCES public.seasons (id),
  user_id text NOT NULL,
  rank integer NOT NULL,
  total_xp bigint NOT NULL,
  updated_at timestamp DEFAULT now() NOT NULL,
  CONSTRAINT season_leaderboards_season_id_user_id_unique UNIQUE (season_id, user_id)
);
CREATE INDEX IF NOT EXISTS season_leaderboard_rank_idx ON public.season_leaderboards (season_id, rank);

-- Quests ----------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.quest_templates (
  id text PRIMARY KEY NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  type public.quest_type NOT NULL,
  category public.quest_category NOT NULL,
  requirements json NOT NULL,
  base_xp integer NOT NULL,
  stat_affected public.stat_type,
  partial_reward json,
  is_core boolean DEFAULT false NOT NULL,
  season_id text CONSTRAINT quest_templates_season_id_seasons_id_fk REFERENCES public.seasons (id),
  created_at timestamp DEFAULT now() NOT NULL
);
CREATE INDEX IF NOT EXISTS quest_template_type_is_core_idx ON public.quest_templates (type, is_core);

CREATE TABLE IF NOT EXISTS public.quest_logs (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT quest_logs_user_id_users_id_fk REFERENCES public.users (id),
  template_id text NOT NULL CONSTRAINT quest_logs_template_id_quest_templates_id_fk REFERENCES public.quest_templates (id),
  status public.quest_status DEFAULT 'ACTIVE' NOT NULL,
  progress json NOT NULL,
  completed_at timestamp,
  xp_awarded integer,
  day_date text NOT NULL,
  CONSTRAINT quest_logs_user_id_template_id_day_date_unique UNIQUE (user_id, template_id, day_date)
);
CREATE INDEX IF NOT EXISTS quest_log_user_day_idx ON public.quest_logs (user_id, day_date);

CREATE TABLE IF NOT EXISTS public.daily_logs (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT daily_logs_user_id_users_id_fk REFERENCES public.users (id),
  day_date text NOT NULL,
  core_completed integer DEFAULT 0 NOT NULL,
  core_total integer DEFAULT 4 NOT NULL,
  all_completed boolean DEFAULT false NOT NULL,
  debuff_triggered boolean DEFAULT false NOT NULL,
  evaluated boolean DEFAULT false NOT NULL,
  CONSTRAINT daily_logs_user_id_day_date_unique UNIQUE (user_id, day_date)
);
CREATE INDEX IF NOT EXISTS daily_log_user_evaluated_idx ON public.daily_logs (user_id, evaluated);

-- The XP ledger: append-only --------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.xp_events (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT xp_events_user_id_users_id_fk REFERENCES public.users (id),
  event_source public.xp_event_source NOT NULL,
  source_id text,
  base_xp integer NOT NULL,
  final_xp integer NOT NULL,
  total_xp_before bigint NOT NULL,
  total_xp_after bigint NOT NULL,
  level_before integer NOT NULL,
  level_after integer NOT NULL,
  event_hash text NOT NULL,
  created_at timestamp DEFAULT now() NOT NULL
);
CREATE INDEX IF NOT EXISTS xp_event_user_created_idx ON public.xp_events (user_id, created_at);
CREATE INDEX IF NOT EXISTS xp_event_source_idx ON public.xp_events (event_source);

CREATE TABLE IF NOT EXISTS public.xp_modifiers (
  id text PRIMARY KEY NOT NULL,
  xp_event_id text NOT NULL CONSTRAINT xp_modifiers_xp_event_id_xp_events_id_fk REFERENCES public.xp_events (id),
  "order" integer NOT NULL,
  type public.modifier_type NOT NULL,
  multiplier real NOT NULL,
  reason text NOT NULL,
  xp_before integer NOT NULL,
  xp_after integer NOT NULL
);
CREATE INDEX IF NOT EXISTS xp_modifier_event_idx ON public.xp_modifiers (xp_event_id);

-- Titles ----------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.titles (
  id text PRIMARY KEY NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  system_message text NOT NULL,
  condition_type public.title_condition_type NOT NULL,
  condition_config json NOT NULL,
  passive_type public.passive_type,
  passive_value real,
  rarity public.title_rarity DEFAULT 'COMMON' NOT NULL,
  can_regress boolean DEFAULT true NOT NULL,
  CONSTRAINT titles_name_unique UNIQUE (name)
);

CREATE TABLE IF NOT EXISTS public.user_titles (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT user_titles_user_id_users_id_fk REFERENCES public.users (id),
  title_id text NOT NULL CONSTRAINT user_titles_title_id_titles_id_fk REFERENCES public.titles (id),
  earned_at timestamp DEFAULT now() NOT NULL,
  revoked_at timestamp,
  is_active boolean DEFAULT false NOT NULL,
  CONSTRAINT user_titles_user_id_title_id_unique UNIQUE (user_id, title_id)
);
CREATE INDEX IF NOT EXISTS user_title_user_active_idx ON public.user_titles (user_id, is_active);

-- Bosses ----------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.bosses (
  id text PRIMARY KEY NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  intro_monologue text NOT NULL,
  defeat_message text NOT NULL,
  difficulty public.boss_difficulty NOT NULL,
  required_level integer DEFAULT 1 NOT NULL,
  xp_reward integer NOT NULL,
  title_reward_id text,
  season_id text CONSTRAINT bosses_season_id_seasons_id_fk REFERENCES public.seasons (id),
  CONSTRAINT bosses_name_unique UNIQUE (name)
);

CREATE TABLE IF NOT EXISTS public.boss_phases (
  id text PRIMARY KEY NOT NULL,
  boss_id text NOT NULL CONSTRAINT boss_phases_boss_id_bosses_id_fk REFERENCES public.bosses (id),
  phase_number integer NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  requirements json NOT NULL,
  duration_days integer NOT NULL,
  CONSTRAINT boss_phases_boss_id_phase_number_unique UNIQUE (boss_id, phase_number)
);

CREATE TABLE IF NOT EXISTS public.boss_attempts (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT boss_attempts_user_id_users_id_fk REFERENCES public.users (id),
  boss_id text NOT NULL CONSTRAINT boss_attempts_boss_id_bosses_id_fk REFERENCES public.bosses (id),
  status public.boss_attempt_status DEFAULT 'IN_PROGRESS' NOT NULL,
  current_phase integer DEFAULT 1 NOT NULL,
  phase_progress json NOT NULL,
  started_at timestamp DEFAULT now() NOT NULL,
  completed_at timestamp
);
CREATE INDEX IF NOT EXISTS boss_attempt_user_status_idx ON public.boss_attempts (user_id, status);

-- Dungeons --------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.dungeons (
  id text PRIMARY KEY NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  difficulty public.dungeon_difficulty NOT NULL,
  requirements json NOT NULL,
  challenges json NOT NULL,
  xp_multiplier real DEFAULT 1.5 NOT NULL,
  duration_minutes integer NOT NULL,
  cooldown_hours integer DEFAULT 24 NOT NULL,
  season_id text CONSTRAINT dungeons_season_id_seasons_id_fk REFERENCES public.seasons (id)
);

CREATE TABLE IF NOT EXISTS public.dungeon_attempts (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL CONSTRAINT dungeon_attempts_user_id_users_id_fk REFERENCES public.users (id),
  dungeon_id text NOT NULL CONSTRAINT dungeon_attempts_dungeon_id_dungeons_id_fk REFERENCES public.dungeons (id),
  status public.dungeon_attempt_status DEFAULT 'IN_PROGRESS' NOT NULL,
  progress json NOT NULL,
  started_at timestamp DEFAULT now() NOT NULL,
  completed_at timestamp,
  xp_awarded integer
);
CREATE INDEX IF NOT EXISTS dungeon_attempt_user_status_idx ON public.dungeon_attempts (user_id, status);

-- Configuration and texts -----------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS public.game_configs (
  id text PRIMARY KEY NOT NULL,
  key text NOT NULL,
  value json NOT NULL,
  version integer DEFAULT 1 NOT NULL,
  updated_at timestamp DEFAULT now() NOT NULL,
  CONSTRAINT game_configs_key_unique UNIQUE (key)
);

CREATE TABLE IF NOT EXISTS public.narrative_contents (
  id text PRIMARY KEY NOT NULL,
  key text NOT NULL,
  category public.narrative_category NOT NULL,
  content text NOT NULL,
  context json,
  is_active boolean DEFAULT true NOT NULL,
  CONSTRAINT narrative_contents_key_unique UNIQUE (key)
);
CREATE INDEX IF NOT EXISTS narrative_category_active_idx ON public.narrative_contents (category, is_active);

-- What the rules need beyond these ----------------------------------------------------------------------------------------

-- Every ruleset that was ever in force, whole; the one in force is the one with the latest active_from.
CREATE TABLE levelkit.rulesets (
  hash text PRIMARY KEY,
  document text NOT NULL,
  active_from timestamp NOT NULL UNIQUE
);

-- One row per player, beside the users row. It is the engine's own record, among it of where the ledger's chain stands, and it
-- is the first row that anything locks.
CREATE TABLE levelkit.players (
  user_id text PRIMARY KEY REFERENCES public.users (id),
  last_at timestamp,                               -- the last accepted command
  first_day text,
  open_day text,
  day_ends_at timestamp,                           -- when the open day ends
  next_day text,                                   -- the date that comes then
  due_at timestamp,                                -- when the oldest day not closed is due: its end and the grace after it
  event_count bigint NOT NULL DEFAULT 0,           -- sealed events
  head_hash text NOT NULL,                         -- the last one's hash, or 64 zeros
  last_created_at timestamp,                       -- the last event's created_at
  zone_since timestamp,
  title_inputs bigint NOT NULL,
  open_days json NOT NULL DEFAULT '[]',
  skipped_days json NOT NULL DEFAULT '[]',
  dungeon_exits json NOT NULL DEFAULT '[]',
  sums_until text,                                 -- levelkit.sums holds the days before this one
  logs_from text,                                  -- quest logs of earlier days no longer matter
  history_from text,                               -- the next command looks back no further than this day
  adopted_total_xp bigint NOT NULL DEFAULT 0,      -- what the player had when levelkit took over
  adopted_level integer NOT NULL DEFAULT 1
);
CREATE INDEX players_due_idx ON levelkit.players (due_at, user_id) WHERE due_at IS NOT NULL;

-- XP events from before levelkit took over: the last one, how many there are, and their sum. They stay as they are, unsealed.
CREATE TABLE levelkit.legacy (
  user_id text PRIMARY KEY REFERENCES public.users (id),
  last_event_id text NOT NULL,
  last_created_at timestamp NOT NULL,
  events bigint NOT NULL,
  xp bigint NOT NULL
);

INSERT INTO levelkit.legacy (user_id, last_event_id, last_created_at, events, xp)
SELECT user_id, (array_agg(id ORDER BY created_at DESC, id COLLATE "C" DESC))[1], max(created_at), count(*), sum(final_xp)
FROM public.xp_events GROUP BY user_id;

CREATE TABLE levelkit.zone_history (
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  since timestamp NOT NULL,
  timezone text NOT NULL,
  PRIMARY KEY (user_id, since)
);

-- Measurements: the latest observation per day and metric.
CREATE TABLE levelkit.facts (
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  day text NOT NULL,
  metric text NOT NULL,
  number double precision,
  boolean boolean,
  source text,
  observed_at timestamp NOT NULL,
  PRIMARY KEY (user_id, day, metric),
  CHECK ((number IS NULL) <> (boolean IS NULL))
);

-- Per metric the sum (added in ascending day order) and the largest value of the days before levelkit.players.sums_until.
CREATE TABLE levelkit.sums (
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  metric text NOT NULL,
  sum double precision NOT NULL,
  max double precision NOT NULL,
  PRIMARY KEY (user_id, metric)
);

-- Names that the host asserted for SPECIAL titles.
CREATE TABLE levelkit.specials (
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  name text NOT NULL,
  at timestamp NOT NULL,
  PRIMARY KEY (user_id, name)
);

-- Lifetime counts.
CREATE TABLE levelkit.counters (
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  key text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (user_id, key)
);

-- Every time a title was earned; user_titles holds only the last.
CREATE TABLE levelkit.title_history (
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  title_id text NOT NULL REFERENCES public.titles (id),
  earned_at timestamp NOT NULL,
  revoked_at timestamp,
  cause text NOT NULL CHECK (cause IN ('CONDITION', 'REWARD')),
  PRIMARY KEY (user_id, title_id, earned_at)
);

-- Adjustments and grants by the caller's id, unique across players.
CREATE TABLE levelkit.adjustments (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  source text NOT NULL,
  amount bigint NOT NULL,
  reason text NOT NULL,
  at timestamp NOT NULL
);

-- Commands by an id of the caller's, so that one sent again is answered and not done again.
CREATE TABLE levelkit.commands (
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  id text NOT NULL,
  at timestamp NOT NULL,
  command json NOT NULL,
  events json NOT NULL,
  PRIMARY KEY (user_id, id)
);

-- What the engine keeps beside boss_attempts and dungeon_attempts.
CREATE TABLE levelkit.attempts (
  attempt_id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  kind text NOT NULL CHECK (kind IN ('BOSS', 'DUNGEON')),
  rules text NOT NULL REFERENCES levelkit.rulesets (hash),
  started_at timestamp NOT NULL,
  from_day text NOT NULL,                          -- boss: the phase's first day; dungeon: the day it was entered on
  days_closed integer,                             -- boss: closed days of the phase
  retries integer,                                 -- boss: how often the phase began anew
  entered_at timestamp,                            -- dungeon: earlier observations do not count
  deadline timestamp,                              -- dungeon: when its time runs out
  counted_on text                                  -- the day that a victory or a clear counts on
);
CREATE INDEX attempts_started_idx ON levelkit.attempts (user_id, kind, started_at);
CREATE INDEX attempts_counted_idx ON levelkit.attempts (user_id, kind, counted_on) WHERE counted_on IS NOT NULL;

-- Which ruleset an XP event was made under.
CREATE TABLE levelkit.award_rules (
  xp_event_id text PRIMARY KEY REFERENCES public.xp_events (id),
  rules text NOT NULL REFERENCES levelkit.rulesets (hash)
);

-- Seasons whose standings no longer change.
CREATE TABLE levelkit.season_seals (
  season_id text PRIMARY KEY REFERENCES public.seasons (id),
  sealed_at timestamp NOT NULL
);

-- Events that wait to be handed on.
CREATE TABLE levelkit.outbox (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL REFERENCES levelkit.players (user_id),
  at timestamp NOT NULL,
  events json NOT NULL
);

-- The ledger's guards: from any connection no change, no removal. ----------------------------------------------------------

CREATE FUNCTION levelkit.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- Statement triggers: they refuse even where no row would be hit, and cost an insert nothing.
CREATE TRIGGER levelkit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.xp_events
FOR EACH STATEMENT EXECUTE FUNCTION levelkit.refuse_change();
CREATE TRIGGER levelkit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.xp_modifiers
FOR EACH STATEMENT EXECUTE FUNCTION levelkit.refuse_change();
