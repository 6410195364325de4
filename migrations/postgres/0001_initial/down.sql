-- Takes levelkit away again: its schema, its triggers, and of `public` only what it made itself and is empty. A table it made that
-- still holds rows stops everything, by name, before anything is dropped. Run it in one transaction.

DO $$
DECLARE
  item text;
  -- By the order in which they may be dropped.
  seed text[] := ARRAY['narrative_contents', 'game_configs', 'dungeon_attempts', 'dungeons', 'boss_attempts', 'boss_phases', 'bosses',
    'user_titles', 'titles', 'xp_modifiers', 'xp_events', 'daily_logs', 'quest_logs', 'quest_templates', 'season_leaderboards',
    'season_participations', 'seasons', 'verifications', 'accounts', 'sessions', 'users'];
  made text[] := ARRAY(SELECT unnest(applied.made) FROM levelkit.migrations AS applied);
  filled boolean;
BEGIN
  FOREACH item IN ARRAY seed LOOP
    IF 'table ' || item = ANY (made) AND to_regclass('public.' || item) IS NOT NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', item) INTO filled;
      IF filled THEN
        RAISE EXCEPTION 'table public.% holds rows: it is not dropped, and nothing was changed', item
          USING ERRCODE = 'dependent_objects_still_exist';
      END IF;
    END IF;
  END LOOP;

  DROP TRIGGER IF EXISTS levelkit_append_only ON public.xp_events;
  DROP TRIGGER IF EXISTS levelkit_append_only ON public.xp_modifiers;
  DROP SCHEMA levelkit CASCADE;

  FOREACH item IN ARRAY seed LOOP
    IF 'table ' || item = ANY (made) THEN
      EXECUTE format('DROP TABLE IF EXISTS public.%I', item);
    END IF;
  END LOOP;
  FOREACH item IN ARRAY made LOOP
    IF item LIKE 'type %' THEN
      EXECUTE format('DROP TYPE IF EXISTS public.%I', substr(item, 6));
    END IF;
  END LOOP;
END
$$;
