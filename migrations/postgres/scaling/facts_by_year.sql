-- Splits the measurements into partitions by year, so that old years can be taken away whole. Instead of section 1 of partition.sql, not
-- beside it: a table is partitioned by player, so that it stays fast, or by time, so that it stays small. Never part of the migrations.
--
-- Run it as the owner of the tables, with nobody else at work; it is one transaction, and copies the table. Run it again every year,
-- before the new one begins: then it only adds what is missing.

BEGIN;

-- 1. Once: the table -------------------------------------------------------------------------------------------------------------
--
-- The key holds the day already, so it stays as it is. Days are dates as YYYY-MM-DD, which sort as texts.

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_catalog.pg_partitioned_table WHERE partrelid = 'levelkit.facts'::regclass) THEN
    RETURN;
  END IF;
  LOCK TABLE levelkit.players, levelkit.facts IN ACCESS EXCLUSIVE MODE;
  CREATE SCHEMA IF NOT EXISTS levelkit_parts;
  ALTER TABLE levelkit.facts RENAME TO facts_before;
  ALTER TABLE levelkit.facts_before RENAME CONSTRAINT facts_pkey TO facts_before_pkey;
  CREATE TABLE levelkit.facts (
    LIKE levelkit.facts_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT facts_pkey PRIMARY KEY (user_id, day, metric),
    CONSTRAINT facts_user_id_fkey FOREIGN KEY (user_id) REFERENCES levelkit.players (user_id)
  ) PARTITION BY RANGE (day);
END
$$;

-- 2. Every year: the partitions from the first year that there is to the next one ---------------------------------------------------

DO $$
DECLARE
  year integer;
  first_day text;
BEGIN
  IF to_regclass('levelkit.facts_before') IS NOT NULL THEN
    SELECT min(day) INTO first_day FROM levelkit.facts_before;
  END IF;
  FOR year IN coalesce(left(first_day, 4)::integer, extract(year FROM now())::integer) .. extract(year FROM now())::integer + 2 LOOP
    IF to_regclass(format('levelkit_parts.facts_%s', year)) IS NULL THEN
      EXECUTE format('CREATE TABLE levelkit_parts.facts_%s PARTITION OF levelkit.facts FOR VALUES FROM (%L) TO (%L)',
        year, year || '-01-01', year + 1 || '-01-01');
    END IF;
  END LOOP;
  -- What lies outside is kept too. A year that has rows here cannot be given a partition until they are moved.
  IF to_regclass('levelkit_parts.facts_rest') IS NULL THEN
    CREATE TABLE levelkit_parts.facts_rest PARTITION OF levelkit.facts DEFAULT;
  END IF;
  IF to_regclass('levelkit.facts_before') IS NOT NULL THEN
    INSERT INTO levelkit.facts SELECT * FROM levelkit.facts_before;
    IF (SELECT count(*) FROM levelkit.facts) <> (SELECT count(*) FROM levelkit.facts_before) THEN
      RAISE EXCEPTION 'levelkit.facts was not copied as it was';
    END IF;
    DROP TABLE levelkit.facts_before;
  END IF;
END
$$;

COMMIT;

-- 3. Archiving: which years nobody's next command looks back to --------------------------------------------------------------------
--
-- These may be detached, dumped and dropped: `ALTER TABLE levelkit.facts DETACH PARTITION levelkit_parts.facts_2026`. Sums over a whole life
-- are kept beside them (levelkit.sums). Lost is what only those rows hold: an export of a player has no measurements of that time any
-- more, and a ruleset that looks further back than the ones so far finds nothing there.

CREATE OR REPLACE VIEW levelkit_parts.facts_archivable AS
SELECT part.inhrelid::regclass AS partition
FROM pg_catalog.pg_inherits AS part JOIN pg_catalog.pg_class AS relation ON relation.oid = part.inhrelid
WHERE part.inhparent = 'levelkit.facts'::regclass AND relation.relname ~ '^facts_[0-9]{4}$'
  AND substr(relation.relname, 7) || '-12-31' < (SELECT min(coalesce(history_from, '')) FROM levelkit.players WHERE last_at IS NOT NULL);
