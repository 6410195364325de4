// What a database says that it holds.
import { sql } from 'drizzle-orm';
import type { Database } from './database';

/** Tables, indexes and whatever else is in `public`, as `kind name`. */
export async function relations(db: Database): Promise<string[]> {
  return lines(db, sql`
    SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' ELSE 'kind ' || relkind::text END || ' ' || relname AS line
    FROM pg_class WHERE relnamespace = 'public'::regnamespace`);
}

/** What else may be in a schema: functions, and types that no table brings along. */
export async function others(db: Database): Promise<string[]> {
  return lines(db, sql`
    SELECT 'function ' || proname AS line FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT CASE typtype WHEN 'e' THEN 'enum ' ELSE 'type ' END || typname FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typtype <> 'c' AND typelem = 0`);
}

/** Every column, constraint, index, label and trigger of `public`, in full. */
export async function details(db: Database): Promise<string[]> {
  return lines(db, sql`
    SELECT format('column %s.%s %s %s %s %s', relname, attname, attnum, format_type(atttypid, atttypmod),
      CASE WHEN attnotnull THEN 'not null' END, pg_get_expr(adbin, adrelid)) AS line
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT format('label %s %s', typname, string_agg(enumlabel, ',' ORDER BY enumsortorder))
    FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid WHERE typnamespace = 'public'::regnamespace GROUP BY typname
    UNION ALL
    SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal`);
}

/** Every row of every table in `public`, by table. */
export async function rows(db: Database): Promise<Record<string, string[]>> {
  const tables = (await relations(db)).flatMap((line) => /^table (.*)$/.exec(line)?.[1] ?? []);
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    found[table] = await lines(db, sql`SELECT to_json(t)::text AS line FROM ${sql.identifier(table)} AS t`);
  }
  return found;
}

async function lines(db: Database, query: ReturnType<typeof sql>): Promise<string[]> {
  const { rows } = await db.execute<{ line: string }>(query);
  return rows.map((row) => row.line).sort();
}
