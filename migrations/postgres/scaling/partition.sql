-- Splits the tables that grow without end into partitions by player: measurements and the ledger. For databases that have outgrown one
-- table each (docs/scaling.md says when); never part of the migrations.
--
-- Run it as the owner of the tables, with nobody else at work: it locks the tables and copies them. It is one transaction, needs as
-- much room again as they take, and compares what it copied before it drops the old ones. Run roles.sql again afterwards, if you use
-- it, and `levelkit verify`.
--
-- Partitions stand in a schema of their own, so that `public` still holds the application's tables and nothing else. Drizzle Kit will
-- want to undo what section 2 does to the keys: leave these two tables out of it.

BEGIN;

LOCK TABLE levelkit.players, levelkit.facts, levelkit.award_rules, public.xp_events, public.xp_modifiers IN ACCESS EXCLUSIVE MODE;

CREATE SCHEMA levelkit_parts;

-- How many partitions: a power of two, so that each can be split in two later. A statement that was planned for all players locks every
-- partition before it leaves out those it does not need, so few are better than many.
CREATE TEMPORARY TABLE levelkit_parts_wanted ON COMMIT DROP AS SELECT 8 AS parts;

-- 1. Measurements, by player -------------------------------------------------------------------------------------------------
--
-- The key begins with the player, so it stays as it is, and so does the reference to the player.

ALTER TABLE levelkit.facts RENAME TO facts_before;
ALTER TABLE levelkit.facts_before RENAME CONSTRAINT facts_pkey TO facts_before_pkey;
CREATE TABLE levelkit.facts (
  LIKE levelkit.facts_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
  CONSTRAINT facts_pkey PRIMARY KEY (user_id, day, metric),
  CONSTRAINT facts_user_id_fkey FOREIGN KEY (user_id) REFERENCES levelkit.players (user_id)
) PARTITION BY HASH (user_id);

-- 2. The ledger: events by player, what belongs to an event by event -----------------------------------------------------------
--
-- A unique key of a partitioned table must contain what it is partitioned by, so the player joins the event's id in the key. No two
-- events have one id all the same: ids are derived from the player and the source, or are a caller's, which levelkit.adjustments keeps
-- unique. What belongs to an event can no longer refer to its id alone, so those two foreign keys go; it is written in the event's own
-- transaction, and `verify` finds what is missing or has been added.

ALTER TABLE public.xp_modifiers DROP CONSTRAINT xp_modifiers_xp_event_id_xp_events_id_fk;
ALTER TABLE levelkit.award_rules DROP CONSTRAINT award_rules_xp_event_id_fkey;

ALTER TABLE public.xp_events RENAME TO xp_events_before;
ALTER TABLE public.xp_events_before RENAME CONSTRAINT xp_events_pkey TO xp_events_before_pkey;
ALTER INDEX public.xp_event_user_created_idx RENAME TO xp_event_user_created_before_idx;
ALTER INDEX public.xp_event_source_idx RENAME TO xp_event_source_before_idx;
CREATE TABLE public.xp_events (
  LIKE public.xp_events_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
  CONSTRAINT xp_events_pkey PRIMARY KEY (id, user_id),
  CONSTRAINT xp_events_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users (id)
) PARTITION BY HASH (user_id);
CREATE INDEX xp_event_user_created_idx ON public.xp_events (user_id, created_at);
CREATE INDEX xp_event_source_idx ON public.xp_events (event_source);

ALTER TABLE public.xp_modifiers RENAME TO xp_modifiers_before;
ALTER TABLE public.xp_modifiers_before RENAME CONSTRAINT xp_modifiers_pkey TO xp_modifiers_before_pkey;
ALTER INDEX public.xp_modifier_event_idx RENAME TO xp_modifier_event_before_idx;
CREATE TABLE public.xp_modifiers (
  LIKE public.xp_modifiers_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
  CONSTRAINT xp_modifiers_pkey PRIMARY KEY (id, xp_event_id)
) PARTITION BY HASH (xp_event_id);
CREATE INDEX xp_modifier_event_idx ON public.xp_modifiers (xp_event_id);

ALTER TABLE levelkit.award_rules RENAME TO award_rules_before;
ALTER TABLE levelkit.award_rules_before RENAME CONSTRAINT award_rules_pkey TO award_rules_before_pkey;
CREATE TABLE levelkit.award_rules (
  LIKE levelkit.award_rules_before,
  CONSTRAINT award_rules_pkey PRIMARY KEY (xp_event_id),
  CONSTRAINT award_rules_rules_fkey FOREIGN KEY (rules) REFERENCES levelkit.rulesets (hash)
) PARTITION BY HASH (xp_event_id);

-- 3. The partitions, and the rows ------------------------------------------------------------------------------------------------

DO $$
DECLARE
  item text;
  relation text;
  part integer;
  parts integer := (SELECT wanted.parts FROM levelkit_parts_wanted AS wanted);
  rows_before text;
  rows_after text;
BEGIN
  FOREACH item IN ARRAY ARRAY['levelkit.facts', 'public.xp_events', 'public.xp_modifiers', 'levelkit.award_rules'] LOOP
    relation := split_part(item, '.', 2);
    FOR part IN 0 .. parts - 1 LOOP
      EXECUTE format('CREATE TABLE levelkit_parts.%I PARTITION OF %s FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
        relation || '_p' || part, item, parts, part);
    END LOOP;
    EXECUTE format('INSERT INTO %s SELECT * FROM %s_before', item, item);
    -- As many rows, and the same ones: nothing is dropped otherwise.
    EXECUTE format('SELECT count(*) || '' '' || coalesce(sum(hashtextextended(r::text, 0)), 0) FROM %s_before AS r', item) INTO rows_before;
    EXECUTE format('SELECT count(*) || '' '' || coalesce(sum(hashtextextended(r::text, 0)), 0) FROM %s AS r', item) INTO rows_after;
    IF rows_before <> rows_after THEN
      RAISE EXCEPTION '% was not copied as it was', item;
    END IF;
    EXECUTE format('DROP TABLE %s_before', item);
  END LOOP;
END
$$;

-- 4. The ledger's guards ---------------------------------------------------------------------------------------------------------
--
-- A statement's trigger fires on the table that the statement names. One on the whole table does not see a statement that names a
-- partition, so each partition has its own.

DO $$
DECLARE
  item regclass;
BEGIN
  FOR item IN
    SELECT 'public.xp_events'::regclass UNION ALL SELECT 'public.xp_modifiers'::regclass
    UNION ALL SELECT inhrelid::regclass FROM pg_catalog.pg_inherits
    WHERE inhparent IN ('public.xp_events'::regclass, 'public.xp_modifiers'::regclass)
      AND inhrelid IN (SELECT oid FROM pg_catalog.pg_class WHERE relkind = 'r')
  LOOP
    EXECUTE format('CREATE TRIGGER levelkit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
      'FOR EACH STATEMENT EXECUTE FUNCTION levelkit.refuse_change()', item);
  END LOOP;
END
$$;

COMMIT;

ANALYZE levelkit.facts, public.xp_events, public.xp_modifiers, levelkit.award_rules;
