-- Settings of tables that are written all the time, for databases with many players. They change no row and no meaning: room in every page
-- for the next version of a row, so that an update touches no index, and cleaning little and often. Rows that are there already get
-- that room as they are rewritten. Run it as the owner of the tables, at any time, after partition.sql if you use that; running it
-- again is harmless. Never part of the migrations.

DO $$
DECLARE
  wanted record;
  leaf regclass;
BEGIN
  FOR wanted IN SELECT * FROM (VALUES
    -- Every command rewrites the player's two rows.
    ('levelkit.players', 'fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0'),
    ('public.users', 'fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0'),
    -- Many of them rewrite these.
    ('levelkit.counters', 'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02'),
    ('public.season_participations', 'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02'),
    -- The order of the standings changes with every score, and its index with it.
    ('levelkit.scores', 'autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0'),
    -- Written anew for a day or two, then never again.
    ('levelkit.facts', 'fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05'),
    ('public.quest_logs', 'fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05'),
    ('public.daily_logs', 'fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05'),
    -- Only ever added to: full pages, and frozen before there is much to freeze at once.
    ('public.xp_events', 'fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.02'),
    ('public.xp_modifiers', 'fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.02'),
    ('levelkit.award_rules', 'fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.02'),
    -- Emptied as fast as it is filled.
    ('levelkit.outbox', 'autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0')
  ) AS settings (relation, options) LOOP
    -- A partitioned table has no pages of its own; its parts do.
    FOR leaf IN
      SELECT oid FROM pg_catalog.pg_class WHERE relkind = 'r' AND (oid = wanted.relation::regclass
        OR oid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = wanted.relation::regclass))
    LOOP
      EXECUTE format('ALTER TABLE %s SET (%s)', leaf, wanted.options);
    END LOOP;
  END LOOP;
END
$$;
