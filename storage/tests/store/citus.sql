-- Stands in for Citus in a test: functions of its names that move nothing, and refuse what Citus would refuse.

CREATE SCHEMA stand_in;

CREATE TABLE stand_in.spread (
  relation regclass PRIMARY KEY,
  key text,                                        -- none: every machine has a copy
  colocated text
);

CREATE FUNCTION stand_in.refuse_triggers(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal) THEN
    RAISE EXCEPTION '% has triggers', relation;
  END IF;
END
$$;

CREATE FUNCTION public.create_reference_table(table_name regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM stand_in.refuse_triggers(table_name);
  INSERT INTO stand_in.spread (relation) VALUES (table_name);
END
$$;

CREATE FUNCTION public.create_distributed_table(
  table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default',
  shard_count integer DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  number smallint := (SELECT attnum FROM pg_attribute WHERE attrelid = table_name AND attname = distribution_column AND NOT attisdropped);
  narrow regclass;
  beside text;
BEGIN
  IF number IS NULL THEN
    RAISE EXCEPTION '% has no column %', table_name, distribution_column;
  END IF;
  PERFORM stand_in.refuse_triggers(table_name);
  SELECT indexrelid INTO narrow FROM pg_index WHERE indrelid = table_name AND indisunique AND NOT number = ANY (indkey) LIMIT 1;
  IF narrow IS NOT NULL THEN
    RAISE EXCEPTION '% does not contain %', narrow, distribution_column;
  END IF;
  IF colocate_with IN ('default', 'none') THEN
    beside := table_name::text;
  ELSE
    SELECT colocated INTO STRICT beside FROM stand_in.spread WHERE relation = colocate_with::regclass AND key IS NOT NULL;
  END IF;
  INSERT INTO stand_in.spread (relation, key, colocated) VALUES (table_name, distribution_column, beside);
END
$$;

CREATE FUNCTION public.run_command_on_placements(table_name regclass, command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(command, table_name);
  RETURN 'OK';
END
$$;

-- A reference can be followed to a table that is everywhere, from one local table to another, and between colocated ones by what both are
-- spread by.
CREATE FUNCTION stand_in.check_references() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  FOR bad IN
    SELECT reference.conname AS name FROM pg_constraint AS reference
    LEFT JOIN stand_in.spread AS own ON own.relation = reference.conrelid
    LEFT JOIN stand_in.spread AS other ON other.relation = reference.confrelid
    WHERE reference.contype = 'f' AND NOT CASE
      WHEN other.relation IS NULL THEN own.relation IS NULL
      WHEN other.key IS NULL THEN true
      WHEN own.key IS NULL THEN false
      ELSE own.colocated = other.colocated AND EXISTS (
        SELECT 1 FROM unnest(reference.conkey, reference.confkey) AS pair (own, other)
        WHERE pair.own = (SELECT attnum FROM pg_attribute WHERE attrelid = reference.conrelid AND attname = own.key)
          AND pair.other = (SELECT attnum FROM pg_attribute WHERE attrelid = reference.confrelid AND attname = other.key))
    END
  LOOP
    RAISE EXCEPTION '% cannot be followed', bad.name;
  END LOOP;
END
$$;
