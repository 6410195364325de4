// No drift: what levelkit migrates is what Drizzle would have made, and Drizzle Kit finds nothing to change.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { sql } from 'drizzle-orm';
import { migrate as drizzleMigrate } from 'drizzle-orm/node-postgres/migrator';
import { details, others, relations } from '../support/catalogue';
import { connect, emptyDatabase, missing } from '../support/database';
import { difference, generate, push } from '../support/kit';
import { migrate, migratedDatabase } from '../support/levelkit';

const GUARDS = /^trigger CREATE TRIGGER levelkit_/;

async function pushed(test: TestContext) {
  const url = await emptyDatabase(test);
  await push(url, '--force');
  return { url, db: connect(test, url) };
}

/** What levelkit adds to `public`: the guards of the ledger, what follows the scores, and nothing else. */
function withoutGuards(lines: string[]) {
  const guards = lines.filter((line) => GUARDS.test(line));
  const on = (table: string) => guards.filter((line) => line.includes(` ON public.${table} `)).length;
  assert.deepEqual([on('xp_events'), on('xp_modifiers'), on('season_participations'), guards.length], [1, 1, 4, 6]);
  return lines.filter((line) => !GUARDS.test(line));
}

test('a fresh database: Drizzle Kit finds nothing to change', { skip: missing }, async (t) => {
  const { url, db } = await migratedDatabase(t);
  assert.deepEqual(await difference(db), []);
  assert.match(await push(url), /No changes detected/);
});

test('a fresh database is what Drizzle Kit makes, to the letter', { skip: missing }, async (t) => {
  const [ours, theirs] = [await migratedDatabase(t), await pushed(t)];
  assert.deepEqual(withoutGuards(await details(ours.db)), await details(theirs.db));
});

test('a database that `drizzle-kit push` made is adopted as it is', { skip: missing }, async (t) => {
  const { url, db } = await pushed(t);
  const before = await details(db);
  await migrate(url);
  assert.deepEqual(withoutGuards(await details(db)), before);
  assert.deepEqual(await difference(db), []);
  assert.match(await push(url), /No changes detected/);
});

test("a database that Drizzle's own migrations made is adopted as it is", { skip: missing }, async (t) => {
  const url = await emptyDatabase(t);
  const db = connect(t, url);
  const folder = await mkdtemp(join(tmpdir(), 'levelkit-drizzle-'));
  t.after(() => rm(folder, { recursive: true }));
  await generate(folder);
  await drizzleMigrate(db, { migrationsFolder: folder });
  const before = await details(db);
  await migrate(url);
  assert.deepEqual(withoutGuards(await details(db)), before);
  assert.deepEqual(await difference(db), []);
});

test('migrating again changes nothing', { skip: missing }, async (t) => {
  const { url, db } = await migratedDatabase(t);
  const before = await details(db);
  const again = await migrate(url);
  assert.deepEqual(again.applied, []);
  assert.deepEqual(await details(db), before);
});

test('a half-made database gets what is missing', { skip: missing }, async (t) => {
  const { url, db } = await pushed(t);
  const before = await details(db);
  await db.execute(sql`DROP TABLE xp_modifiers, xp_events, narrative_contents`);
  await db.execute(sql`DROP TYPE narrative_category`);
  await migrate(url);
  assert.deepEqual(withoutGuards(await details(db)), before);
});

// That the tests above can fail: Drizzle Kit sees each of these.
const CHANGES: Record<string, ReturnType<typeof sql>> = {
  'a column more': sql`ALTER TABLE users ADD COLUMN guild text`,
  'a column less': sql`ALTER TABLE users DROP COLUMN image`,
  'another type': sql`ALTER TABLE seasons ALTER COLUMN xp_multiplier TYPE double precision`,
  'another default': sql`ALTER TABLE users ALTER COLUMN str SET DEFAULT 11`,
  'a null allowed': sql`ALTER TABLE quest_logs ALTER COLUMN day_date DROP NOT NULL`,
  'a unique less': sql`ALTER TABLE users DROP CONSTRAINT users_email_unique`,
  'a foreign key less': sql`ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_users_id_fk`,
  'an index less': sql`DROP INDEX xp_event_source_idx`,
  'a table more': sql`CREATE TABLE guilds (id text PRIMARY KEY)`,
  'a label more': sql`ALTER TYPE stat_type ADD VALUE 'LUCK'`,
};

for (const [what, change] of Object.entries(CHANGES)) {
  test(`Drizzle Kit would see ${what}`, { skip: missing }, async (t) => {
    const { db } = await migratedDatabase(t);
    const before = await details(db);
    await db.execute(change);
    assert.notDeepEqual(await details(db), before);
    assert.notDeepEqual(await difference(db).catch((error) => [String(error)]), []);
  });
}

const TABLES = [
  'accounts', 'boss_attempts', 'boss_phases', 'bosses', 'daily_logs', 'dungeon_attempts', 'dungeons', 'game_configs',
  'narrative_contents', 'quest_logs', 'quest_templates', 'season_leaderboards', 'season_participations', 'seasons', 'sessions',
  'titles', 'user_titles', 'users', 'verifications', 'xp_events', 'xp_modifiers',
];
const UNIQUES = [
  'boss_phases_boss_id_phase_number_unique', 'bosses_name_unique', 'daily_logs_user_id_day_date_unique',
  'game_configs_key_unique', 'narrative_contents_key_unique', 'quest_logs_user_id_template_id_day_date_unique',
  'season_leaderboards_season_id_user_id_unique', 'season_participations_user_id_season_id_unique', 'seasons_number_unique',
  'sessions_token_unique', 'titles_name_unique', 'user_titles_user_id_title_id_unique', 'users_email_unique',
];
const INDEXES = [
  'boss_attempt_user_status_idx', 'daily_log_user_evaluated_idx', 'dungeon_attempt_user_status_idx',
  'narrative_category_active_idx', 'quest_log_user_day_idx', 'quest_template_type_is_core_idx', 'season_leaderboard_rank_idx',
  'user_title_user_active_idx', 'xp_event_source_idx', 'xp_event_user_created_idx', 'xp_modifier_event_idx',
];
const ENUMS = [
  'boss_attempt_status', 'boss_difficulty', 'dungeon_attempt_status', 'dungeon_difficulty', 'modifier_type',
  'narrative_category', 'passive_type', 'quest_category', 'quest_status', 'quest_type', 'season_status', 'stat_type',
  'title_condition_type', 'title_rarity', 'xp_event_source',
];

test('public holds the 21 tables, their indexes and labels, and nothing else', { skip: missing }, async (t) => {
  const { db } = await migratedDatabase(t);
  assert.equal(TABLES.length, 21);
  const indexes = [...TABLES.map((table) => `${table}_pkey`), ...UNIQUES, ...INDEXES];
  const expected = [...TABLES.map((name) => `table ${name}`), ...indexes.map((name) => `index ${name}`)];
  assert.deepEqual(await relations(db), expected.sort());
  assert.deepEqual(await others(db), ENUMS.map((name) => `enum ${name}`));
});
