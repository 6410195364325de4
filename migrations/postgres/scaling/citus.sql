-- Spreads the tables over several machines with Citus, by player. A starting point for whoever has outgrown one machine, and no more: read
-- docs/scaling.md first, which says what of it was run and what the store still lacks. Never part of the migrations.
--
-- Run it on the coordinator as the owner of the tables, with nobody else at work, on tables that are not partitioned, after
-- `CREATE EXTENSION citus`, `citus_set_coordinator_host` and `citus_add_node`.

-- 1. Addresses: unique though nobody's shard knows all of them ----------------------------------------------------------------------
--
-- users is spread by its id, and a unique key of a spread table must contain what it is spread by. So addresses are kept unique here, on
-- the coordinator: whoever signs a user up or changes an address writes it here first, in the same transaction (with Better Auth in
-- databaseHooks.user.create.before). levelkit itself only makes up addresses out of ids, which are unique anyway.

CREATE TABLE levelkit.addresses (
  email text PRIMARY KEY,
  user_id text NOT NULL UNIQUE
);
INSERT INTO levelkit.addresses (email, user_id) SELECT email, id FROM public.users;
ALTER TABLE public.users DROP CONSTRAINT users_email_unique;
CREATE INDEX users_email_idx ON public.users (email);

-- 2. What stays on the coordinator: tables that are not asked for by player ---------------------------------------------------------
--
-- Sessions are found by their token and accounts by their provider, so both stay where their unique keys hold. The outbox is emptied
-- in the order of its numbers. Scores are counted by row triggers, which Citus does not allow on spread tables, and ranks are about
-- everybody. A table on one machine cannot refer to one on many, so their references to users and players go.

ALTER TABLE public.sessions DROP CONSTRAINT sessions_user_id_users_id_fk;
ALTER TABLE public.accounts DROP CONSTRAINT accounts_user_id_users_id_fk;
ALTER TABLE public.season_participations DROP CONSTRAINT season_participations_user_id_users_id_fk;
ALTER TABLE levelkit.outbox DROP CONSTRAINT outbox_user_id_fkey;

-- 3. What every machine has a copy of: content ----------------------------------------------------------------------------------------

SELECT create_reference_table('public.seasons');
SELECT create_reference_table('public.quest_templates');
SELECT create_reference_table('public.titles');
SELECT create_reference_table('public.bosses');
SELECT create_reference_table('public.boss_phases');
SELECT create_reference_table('public.dungeons');
SELECT create_reference_table('public.game_configs');
SELECT create_reference_table('public.narrative_contents');
SELECT create_reference_table('levelkit.rulesets');
SELECT create_reference_table('levelkit.season_seals');

-- 4. Keys: what is spread by player has the player in its key -------------------------------------------------------------------------
--
-- Under their own names, by which the store knows them. Ids are derived from the player, so none comes twice.

ALTER TABLE public.xp_modifiers DROP CONSTRAINT xp_modifiers_xp_event_id_xp_events_id_fk;
ALTER TABLE levelkit.award_rules DROP CONSTRAINT award_rules_xp_event_id_fkey;
ALTER TABLE levelkit.adjustments DROP CONSTRAINT adjustments_user_id_fkey;

ALTER TABLE public.quest_logs DROP CONSTRAINT quest_logs_pkey, ADD CONSTRAINT quest_logs_pkey PRIMARY KEY (id, user_id);
ALTER TABLE public.daily_logs DROP CONSTRAINT daily_logs_pkey, ADD CONSTRAINT daily_logs_pkey PRIMARY KEY (id, user_id);
ALTER TABLE public.xp_events DROP CONSTRAINT xp_events_pkey, ADD CONSTRAINT xp_events_pkey PRIMARY KEY (id, user_id);
ALTER TABLE public.user_titles DROP CONSTRAINT user_titles_pkey, ADD CONSTRAINT user_titles_pkey PRIMARY KEY (id, user_id);
ALTER TABLE public.boss_attempts DROP CONSTRAINT boss_attempts_pkey, ADD CONSTRAINT boss_attempts_pkey PRIMARY KEY (id, user_id);
ALTER TABLE public.dungeon_attempts DROP CONSTRAINT dungeon_attempts_pkey,
  ADD CONSTRAINT dungeon_attempts_pkey PRIMARY KEY (id, user_id);
ALTER TABLE levelkit.attempts DROP CONSTRAINT attempts_pkey, ADD CONSTRAINT attempts_pkey PRIMARY KEY (attempt_id, user_id);
-- xp_modifiers has no player; it is spread by event.
ALTER TABLE public.xp_modifiers DROP CONSTRAINT xp_modifiers_pkey, ADD CONSTRAINT xp_modifiers_pkey PRIMARY KEY (id, xp_event_id);

-- 5. What is spread ---------------------------------------------------------------------------------------------------------------------
--
-- Citus takes no table that has triggers. The ledger's guards come back in section 6.

DROP TRIGGER levelkit_append_only ON public.xp_events;
DROP TRIGGER levelkit_append_only ON public.xp_modifiers;

-- By player, all of one player on one machine: a command writes there and nowhere else, but for what follows.
SELECT create_distributed_table('public.users', 'id');
SELECT create_distributed_table('levelkit.players', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.legacy', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.zone_history', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.facts', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.sums', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.specials', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.counters', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.title_history', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.commands', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.attempts', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('levelkit.erasures', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('public.quest_logs', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('public.daily_logs', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('public.xp_events', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('public.user_titles', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('public.boss_attempts', 'user_id', colocate_with => 'public.users');
SELECT create_distributed_table('public.dungeon_attempts', 'user_id', colocate_with => 'public.users');

-- By event: an award commits on one machine more, since the application's table has no player in it.
SELECT create_distributed_table('public.xp_modifiers', 'xp_event_id', colocate_with => 'none');
SELECT create_distributed_table('levelkit.award_rules', 'xp_event_id', colocate_with => 'public.xp_modifiers');

-- By the caller's id, which is unique across players: an adjustment or a grant commits on one machine more.
SELECT create_distributed_table('levelkit.adjustments', 'id', colocate_with => 'none');

-- 6. The ledger's guards, on every shard ------------------------------------------------------------------------------------------------
--
-- Citus has copied the function with the schema, or create_distributed_function does. Shards that Citus makes or moves later have no
-- guard until this is run again; that the application may only read and add (roles.sql) holds regardless.

SELECT run_command_on_placements(guarded, 'CREATE TRIGGER levelkit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
  'FOR EACH STATEMENT EXECUTE FUNCTION levelkit.refuse_change()')
FROM unnest(ARRAY['public.xp_events', 'public.xp_modifiers']::regclass[]) AS guarded;
