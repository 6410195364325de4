-- levelkit on SQLite, first version.
--
-- The first 21 tables are the ones an application knows: same names, columns, defaults, uniques and indexes on every
-- database. What the rules need beyond them lives in the tables prefixed levelkit_.
--
-- Conventions: instants are INTEGER microseconds since 1970-01-01T00:00:00Z; dates are TEXT YYYY-MM-DD; booleans are 0 or 1;
-- JSON is TEXT; a label is TEXT out of a closed set. A multiplier is a REAL that means its shortest decimal form.

-- Accounts and players --------------------------------------------------------------------------------------------------

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL CONSTRAINT users_email_unique UNIQUE,
  email_verified INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
  name TEXT,
  image TEXT,
  timezone TEXT NOT NULL DEFAULT 'UTC',
  created_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  updated_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  level INTEGER NOT NULL DEFAULT 1,
  total_xp INTEGER NOT NULL DEFAULT 0,
  current_streak INTEGER NOT NULL DEFAULT 0,
  longest_streak INTEGER NOT NULL DEFAULT 0,
  perfect_streak INTEGER NOT NULL DEFAULT 0,
  debuff_active_until INTEGER,
  str INTEGER NOT NULL DEFAULT 10,
  agi INTEGER NOT NULL DEFAULT 10,
  vit INTEGER NOT NULL DEFAULT 10,
  disc INTEGER NOT NULL DEFAULT 10,
  active_title_id TEXT
) STRICT;

CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT sessions_user_id_users_id_fk REFERENCES users (id) ON DELETE CASCADE,
  token TEXT NOT NULL CONSTRAINT sessions_token_unique UNIQUE,
  expires_at INTEGER NOT NULL,
  ip_address TEXT,
  user_agent TEXT,
  created_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  updated_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
) STRICT;

CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT accounts_user_id_users_id_fk REFERENCES users (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  access_token TEXT,
  refresh_token TEXT,
  access_token_expires_at INTEGER,
  refresh_token_expires_at INTEGER,
  scope TEXT,
  id_token TEXT,
  password TEXT,
  created_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  updated_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
) STRICT;

CREATE TABLE verifications (
  id TEXT NOT NULL PRIMARY KEY,
  identifier TEXT NOT NULL,
  value TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  updated_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
) STRICT;

-- Seasons ---------------------------------------------------------------------------------------------------------------

CREATE TABLE seasons (
  id TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL CONSTRAINT seasons_number_unique UNIQUE,
  name TEXT NOT NULL,
  theme TEXT NOT NULL,
  description TEXT NOT NULL,
  start_date INTEGER NOT NULL,
  end_date INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'UPCOMING' CHECK (status IN ('UPCOMING', 'ACTIVE', 'ENDED')),
  xp_multiplier REAL NOT NULL DEFAULT 1.0
) STRICT;

CREATE TABLE season_participations (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT season_participations_user_id_users_id_fk REFERENCES users (id),
  season_id TEXT NOT NULL CONSTRAINT season_participations_season_id_seasons_id_fk REFERENCES seasons (id),
  season_xp INTEGER NOT NULL DEFAULT 0,
  rank INTEGER,
  joined_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  CONSTRAINT season_participations_user_id_season_id_unique UNIQUE (user_id, season_id)
) STRICT;

CREATE TABLE season_leaderboards (
  id TEXT NOT NULL PRIMARY KEY,
  season_id TEXT NOT NULL CONSTRAINT season_leaderboards_season_id_seasons_id_fk REFERENCES seasons (id),
  user_id TEXT NOT NULL,
  rank INTEGER NOT NULL,
  total_xp INTEGER NOT NULL,
  updated_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  CONSTRAINT season_leaderboards_season_id_user_id_unique UNIQUE (season_id, user_id)
) STRICT;
CREATE INDEX season_leaderboard_rank_idx ON season_leaderboards (season_id, rank);

-- Quests ----------------------------------------------------------------------------------------------------------------

CREATE TABLE quest_templates (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('DAILY', 'WEEKLY', 'DUNGEON', 'BOSS')),
  category TEXT NOT NULL CHECK (category IN ('MOVEMENT', 'STRENGTH', 'RECOVERY', 'NUTRITION', 'DISCIPLINE')),
  requirements TEXT NOT NULL CHECK (json_valid(requirements)),
  base_xp INTEGER NOT NULL,
  stat_affected TEXT CHECK (stat_affected IN ('STR', 'AGI', 'VIT', 'DISC')),
  partial_reward TEXT CHECK (json_valid(partial_reward)),
  is_core INTEGER NOT NULL DEFAULT 0 CHECK (is_core IN (0, 1)),
  season_id TEXT CONSTRAINT quest_templates_season_id_seasons_id_fk REFERENCES seasons (id),
  created_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
) STRICT;
CREATE INDEX quest_template_type_is_core_idx ON quest_templates (type, is_core);

CREATE TABLE quest_logs (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT quest_logs_user_id_users_id_fk REFERENCES users (id),
  template_id TEXT NOT NULL CONSTRAINT quest_logs_template_id_quest_templates_id_fk REFERENCES quest_templates (id),
  status TEXT NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'COMPLETED', 'FAILED', 'EXPIRED')),
  progress TEXT NOT NULL CHECK (json_valid(progress)),
  completed_at INTEGER,
  xp_awarded INTEGER,
  day_date TEXT NOT NULL,
  CONSTRAINT quest_logs_user_id_template_id_day_date_unique UNIQUE (user_id, template_id, day_date)
) STRICT;
CREATE INDEX quest_log_user_day_idx ON quest_logs (user_id, day_date);

CREATE TABLE daily_logs (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT daily_logs_user_id_users_id_fk REFERENCES users (id),
  day_date TEXT NOT NULL,
  core_completed INTEGER NOT NULL DEFAULT 0,
  core_total INTEGER NOT NULL DEFAULT 4,
  all_completed INTEGER NOT NULL DEFAULT 0 CHECK (all_completed IN (0, 1)),
  debuff_triggered INTEGER NOT NULL DEFAULT 0 CHECK (debuff_triggered IN (0, 1)),
  evaluated INTEGER NOT NULL DEFAULT 0 CHECK (evaluated IN (0, 1)),
  CONSTRAINT daily_logs_user_id_day_date_unique UNIQUE (user_id, day_date)
) STRICT;
CREATE INDEX daily_log_user_evaluated_idx ON daily_logs (user_id, evaluated);

-- The XP ledger: append-only --------------------------------------------------------------------------------------------

-- Without a rowid the id is the only key, so that nothing but the id can name a row to be replaced.
CREATE TABLE xp_events (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT xp_events_user_id_users_id_fk REFERENCES users (id),
  event_source TEXT NOT NULL CHECK (event_source IN ('QUEST_COMPLETION', 'STREAK_BONUS', 'BOSS_DEFEAT', 'DUNGEON_CLEAR',
    'SEASON_BONUS', 'TITLE_BONUS', 'MANUAL_ADJUSTMENT')),
  source_id TEXT,
  base_xp INTEGER NOT NULL,
  final_xp INTEGER NOT NULL,
  total_xp_before INTEGER NOT NULL,
  total_xp_after INTEGER NOT NULL,
  level_before INTEGER NOT NULL,
  level_after INTEGER NOT NULL,
  event_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
) STRICT, WITHOUT ROWID;
CREATE INDEX xp_event_user_created_idx ON xp_events (user_id, created_at);
CREATE INDEX xp_event_source_idx ON xp_events (event_source);

CREATE TABLE xp_modifiers (
  id TEXT NOT NULL PRIMARY KEY,
  xp_event_id TEXT NOT NULL CONSTRAINT xp_modifiers_xp_event_id_xp_events_id_fk REFERENCES xp_events (id),
  "order" INTEGER NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('DEBUFF_PENALTY', 'STREAK_BONUS', 'WEEKEND_BONUS', 'SEASON_MULTIPLIER', 'TITLE_PASSIVE',
    'DUNGEON_MULTIPLIER')),
  multiplier REAL NOT NULL,
  reason TEXT NOT NULL,
  xp_before INTEGER NOT NULL,
  xp_after INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX xp_modifier_event_idx ON xp_modifiers (xp_event_id);

-- From any connection, whatever its settings: no change, no removal. REPLACE and upsert begin with an insert, so the insert of
-- an id that exists is refused: SQLite runs delete triggers for REPLACE only under PRAGMA recursive_triggers.
CREATE TRIGGER levelkit_xp_events_no_update BEFORE UPDATE ON xp_events
BEGIN SELECT RAISE(ABORT, 'xp_events is append-only: UPDATE refused'); END;
CREATE TRIGGER levelkit_xp_events_no_delete BEFORE DELETE ON xp_events
BEGIN SELECT RAISE(ABORT, 'xp_events is append-only: DELETE refused'); END;
CREATE TRIGGER levelkit_xp_events_no_replace BEFORE INSERT ON xp_events
WHEN EXISTS (SELECT 1 FROM xp_events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'xp_events is append-only: this id exists'); END;

CREATE TRIGGER levelkit_xp_modifiers_no_update BEFORE UPDATE ON xp_modifiers
BEGIN SELECT RAISE(ABORT, 'xp_modifiers is append-only: UPDATE refused'); END;
CREATE TRIGGER levelkit_xp_modifiers_no_delete BEFORE DELETE ON xp_modifiers
BEGIN SELECT RAISE(ABORT, 'xp_modifiers is append-only: DELETE refused'); END;
CREATE TRIGGER levelkit_xp_modifiers_no_replace BEFORE INSERT ON xp_modifiers
WHEN EXISTS (SELECT 1 FROM xp_modifiers WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'xp_modifiers is append-only: this id exists'); END;

-- Titles ----------------------------------------------------------------------------------------------------------------

CREATE TABLE titles (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL CONSTRAINT titles_name_unique UNIQUE,
  description TEXT NOT NULL,
  system_message TEXT NOT NULL,
  condition_type TEXT NOT NULL CHECK (condition_type IN ('STREAK_DAYS', 'CUMULATIVE_COUNT', 'TIME_WINDOW', 'EVENT_COUNT',
    'COMPOUND', 'SPECIAL')),
  condition_config TEXT NOT NULL CHECK (json_valid(condition_config)),
  passive_type TEXT CHECK (passive_type IN ('FLAT_XP_BONUS', 'PERCENT_XP_BONUS', 'STAT_BONUS', 'DEBUFF_REDUCTION')),
  passive_value REAL,
  rarity TEXT NOT NULL DEFAULT 'COMMON' CHECK (rarity IN ('COMMON', 'UNCOMMON', 'RARE', 'EPIC', 'LEGENDARY')),
  can_regress INTEGER NOT NULL DEFAULT 1 CHECK (can_regress IN (0, 1))
) STRICT;

CREATE TABLE user_titles (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT user_titles_user_id_users_id_fk REFERENCES users (id),
  title_id TEXT NOT NULL CONSTRAINT user_titles_title_id_titles_id_fk REFERENCES titles (id),
  earned_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  revoked_at INTEGER,
  is_active INTEGER NOT NULL DEFAULT 0 CHECK (is_active IN (0, 1)),
  CONSTRAINT user_titles_user_id_title_id_unique UNIQUE (user_id, title_id)
) STRICT;
CREATE INDEX user_title_user_active_idx ON user_titles (user_id, is_active);

-- Bosses ----------------------------------------------------------------------------------------------------------------

CREATE TABLE bosses (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL CONSTRAINT bosses_name_unique UNIQUE,
  description TEXT NOT NULL,
  intro_monologue TEXT NOT NULL,
  defeat_message TEXT NOT NULL,
  difficulty TEXT NOT NULL CHECK (difficulty IN ('NORMAL', 'HARD', 'NIGHTMARE')),
  required_level INTEGER NOT NULL DEFAULT 1,
  xp_reward INTEGER NOT NULL,
  title_reward_id TEXT,
  season_id TEXT CONSTRAINT bosses_season_id_seasons_id_fk REFERENCES seasons (id)
) STRICT;

CREATE TABLE boss_phases (
  id TEXT NOT NULL PRIMARY KEY,
  boss_id TEXT NOT NULL CONSTRAINT boss_phases_boss_id_bosses_id_fk REFERENCES bosses (id),
  phase_number INTEGER NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  requirements TEXT NOT NULL CHECK (json_valid(requirements)),
  duration_days INTEGER NOT NULL,
  CONSTRAINT boss_phases_boss_id_phase_number_unique UNIQUE (boss_id, phase_number)
) STRICT;

CREATE TABLE boss_attempts (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT boss_attempts_user_id_users_id_fk REFERENCES users (id),
  boss_id TEXT NOT NULL CONSTRAINT boss_attempts_boss_id_bosses_id_fk REFERENCES bosses (id),
  status TEXT NOT NULL DEFAULT 'IN_PROGRESS' CHECK (status IN ('IN_PROGRESS', 'VICTORY', 'DEFEAT', 'ABANDONED')),
  current_phase INTEGER NOT NULL DEFAULT 1,
  phase_progress TEXT NOT NULL CHECK (json_valid(phase_progress)),
  started_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  completed_at INTEGER
) STRICT;
CREATE INDEX boss_attempt_user_status_idx ON boss_attempts (user_id, status);

-- Dungeons --------------------------------------------------------------------------------------------------------------

CREATE TABLE dungeons (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  difficulty TEXT NOT NULL CHECK (difficulty IN ('E_RANK', 'D_RANK', 'C_RANK', 'B_RANK', 'A_RANK', 'S_RANK')),
  requirements TEXT NOT NULL CHECK (json_valid(requirements)),
  challenges TEXT NOT NULL CHECK (json_valid(challenges)),
  xp_multiplier REAL NOT NULL DEFAULT 1.5,
  duration_minutes INTEGER NOT NULL,
  cooldown_hours INTEGER NOT NULL DEFAULT 24,
  season_id TEXT CONSTRAINT dungeons_season_id_seasons_id_fk REFERENCES seasons (id)
) STRICT;

CREATE TABLE dungeon_attempts (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL CONSTRAINT dungeon_attempts_user_id_users_id_fk REFERENCES users (id),
  dungeon_id TEXT NOT NULL CONSTRAINT dungeon_attempts_dungeon_id_dungeons_id_fk REFERENCES dungeons (id),
  status TEXT NOT NULL DEFAULT 'IN_PROGRESS' CHECK (status IN ('IN_PROGRESS', 'CLEARED', 'FAILED', 'TIMED_OUT')),
  progress TEXT NOT NULL CHECK (json_valid(progress)),
  started_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000),
  completed_at INTEGER,
  xp_awarded INTEGER
) STRICT;
CREATE INDEX dungeon_attempt_user_status_idx ON dungeon_attempts (user_id, status);

-- Configuration and texts -----------------------------------------------------------------------------------------------

CREATE TABLE game_configs (
  id TEXT NOT NULL PRIMARY KEY,
  key TEXT NOT NULL CONSTRAINT game_configs_key_unique UNIQUE,
  value TEXT NOT NULL CHECK (json_valid(value)),
  version INTEGER NOT NULL DEFAULT 1,
  updated_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
) STRICT;

CREATE TABLE narrative_contents (
  id TEXT NOT NULL PRIMARY KEY,
  key TEXT NOT NULL CONSTRAINT narrative_contents_key_unique UNIQUE,
  category TEXT NOT NULL CHECK (category IN ('ONBOARDING', 'SYSTEM_MESSAGE', 'DAILY_QUEST', 'DEBUFF', 'DUNGEON', 'BOSS', 'TITLE',
    'SEASON', 'LEVEL_UP', 'DAILY_REMINDER')),
  content TEXT NOT NULL,
  context TEXT CHECK (json_valid(context)),
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1))
) STRICT;
CREATE INDEX narrative_category_active_idx ON narrative_contents (category, is_active);

-- What the rules need beyond these ----------------------------------------------------------------------------------------

-- Applied migrations.
CREATE TABLE levelkit_migrations (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at INTEGER NOT NULL DEFAULT (CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
) STRICT;

-- Every ruleset that was ever in force, whole; the one in force is the one with the latest active_from.
CREATE TABLE levelkit_rulesets (
  hash TEXT NOT NULL PRIMARY KEY,
  document TEXT NOT NULL CHECK (json_valid(document)),
  active_from INTEGER NOT NULL UNIQUE
) STRICT;

-- One row per player, beside the users row. It is the engine's own record, among it of where the ledger's chain stands.
CREATE TABLE levelkit_players (
  user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
  last_at INTEGER,                                 -- the last accepted command
  first_day TEXT,
  open_day TEXT,
  day_ends_at INTEGER,                             -- when the open day ends
  next_day TEXT,                                   -- the date that comes then
  due_at INTEGER,                                  -- when the oldest day not closed is due: its end and the grace after it
  event_count INTEGER NOT NULL DEFAULT 0,          -- sealed events
  head_hash TEXT NOT NULL,                         -- the last one's hash, or 64 zeros
  last_created_at INTEGER,                         -- the last event's created_at
  zone_since INTEGER,
  title_inputs INTEGER NOT NULL,
  open_days TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(open_days)),
  skipped_days TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(skipped_days)),
  dungeon_exits TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(dungeon_exits)),
  sums_until TEXT,                                 -- levelkit_sums holds the days before this one
  adopted_total_xp INTEGER NOT NULL DEFAULT 0,     -- what the player had when levelkit took over
  adopted_level INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE INDEX levelkit_players_due_idx ON levelkit_players (due_at, user_id) WHERE due_at IS NOT NULL;

-- XP events from before levelkit took over: the last one, how many there are, and their sum. They stay as they are, unsealed.
CREATE TABLE levelkit_legacy (
  user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
  last_event_id TEXT NOT NULL,
  last_created_at INTEGER NOT NULL,
  events INTEGER NOT NULL,
  xp INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE levelkit_zone_history (
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  since INTEGER NOT NULL,
  timezone TEXT NOT NULL,
  PRIMARY KEY (user_id, since)
) STRICT, WITHOUT ROWID;

-- Measurements: the latest observation per day and metric.
CREATE TABLE levelkit_facts (
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  day TEXT NOT NULL,
  metric TEXT NOT NULL,
  number REAL,
  boolean INTEGER CHECK (boolean IN (0, 1)),
  source TEXT,
  observed_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, day, metric),
  CHECK ((number IS NULL) <> (boolean IS NULL))
) STRICT, WITHOUT ROWID;

-- Per metric the sum (added in ascending day order) and the largest value of the days before levelkit_players.sums_until.
CREATE TABLE levelkit_sums (
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  metric TEXT NOT NULL,
  sum REAL NOT NULL,
  max REAL NOT NULL,
  PRIMARY KEY (user_id, metric)
) STRICT, WITHOUT ROWID;

-- Names that the host asserted for SPECIAL titles.
CREATE TABLE levelkit_specials (
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;

-- Lifetime counts.
CREATE TABLE levelkit_counters (
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  key TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;

-- Every time a title was earned; user_titles holds only the last.
CREATE TABLE levelkit_title_history (
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  title_id TEXT NOT NULL REFERENCES titles (id),
  earned_at INTEGER NOT NULL,
  revoked_at INTEGER,
  cause TEXT NOT NULL CHECK (cause IN ('CONDITION', 'REWARD')),
  PRIMARY KEY (user_id, title_id, earned_at)
) STRICT, WITHOUT ROWID;

-- Adjustments and grants by the caller's id, unique across players.
CREATE TABLE levelkit_adjustments (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  source TEXT NOT NULL,
  amount INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Commands by an id of the caller's, so that one sent again is answered and not done again.
CREATE TABLE levelkit_commands (
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  command TEXT NOT NULL CHECK (json_valid(command)),
  events TEXT NOT NULL CHECK (json_valid(events)),
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- What the engine keeps beside boss_attempts and dungeon_attempts.
CREATE TABLE levelkit_attempts (
  attempt_id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  kind TEXT NOT NULL CHECK (kind IN ('BOSS', 'DUNGEON')),
  rules TEXT NOT NULL REFERENCES levelkit_rulesets (hash),
  started_at INTEGER NOT NULL,
  from_day TEXT NOT NULL,                          -- boss: the phase's first day; dungeon: the day it was entered on
  days_closed INTEGER,                             -- boss: closed days of the phase
  retries INTEGER,                                 -- boss: how often the phase began anew
  entered_at INTEGER,                              -- dungeon: earlier observations do not count
  deadline INTEGER,                                -- dungeon: when its time runs out
  counted_on TEXT                                  -- the day that a victory or a clear counts on
) STRICT, WITHOUT ROWID;
CREATE INDEX levelkit_attempts_started_idx ON levelkit_attempts (user_id, kind, started_at);
CREATE INDEX levelkit_attempts_counted_idx ON levelkit_attempts (user_id, kind, counted_on) WHERE counted_on IS NOT NULL;

-- Which ruleset an XP event was made under.
CREATE TABLE levelkit_award_rules (
  xp_event_id TEXT NOT NULL PRIMARY KEY REFERENCES xp_events (id),
  rules TEXT NOT NULL REFERENCES levelkit_rulesets (hash)
) STRICT, WITHOUT ROWID;

-- Seasons whose standings no longer change.
CREATE TABLE levelkit_season_seals (
  season_id TEXT NOT NULL PRIMARY KEY REFERENCES seasons (id),
  sealed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events that wait to be handed on.
CREATE TABLE levelkit_outbox (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT NOT NULL REFERENCES levelkit_players (user_id),
  at INTEGER NOT NULL,
  events TEXT NOT NULL CHECK (json_valid(events))
) STRICT;
