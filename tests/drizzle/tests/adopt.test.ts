// A database that Drizzle made and an application filled is adopted: every old row stays as it was, and the game goes on.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { eq } from 'drizzle-orm';
import * as schema from '../schema';
import { details, others, relations, rows } from '../support/catalogue';
import { connect, emptyDatabase, missing } from '../support/database';
import { push } from '../support/kit';
import { BO, CY, fill, IDA, TODAY } from '../support/legacy';
import { levelkit, migrate, migratedDatabase, play } from '../support/levelkit';

/** An application's own database, and what is in it. */
async function application(test: TestContext) {
  const url = await emptyDatabase(test);
  await push(url, '--force');
  const db = connect(test, url);
  await fill(db);
  return { url, db, before: await rows(db) };
}

/** The rows of a table that were there before and are not there, as they were, any more. */
function changed(before: Record<string, string[]>, after: Record<string, string[]>): string[] {
  return Object.entries(before).flatMap(([table, lines]) => {
    const gone = lines.filter((line) => !after[table]!.includes(line));
    return gone.map((line) => `${table} ${JSON.parse(line).id}`);
  });
}

test('no row is changed by migrating', { skip: missing }, async (t) => {
  const { url, db, before } = await application(t);
  for (const [table, lines] of Object.entries(before)) assert.notEqual(lines.length, 0, `${table} is empty`);
  await migrate(url);
  assert.deepEqual(await rows(db), before);
  await migrate(url);
  assert.deepEqual(await rows(db), before);
});

test('old events are reported as unsealed, with their sum', { skip: missing }, async (t) => {
  const { url, db, before } = await application(t);
  await migrate(url);
  await play(url, [[IDA.id, TODAY, 100], [BO.id, TODAY, 100]]);
  const unsealed = { players: 1, events: IDA.events, xp: IDA.sum, total_xp: Number(IDA.totalXP) };
  for (const who of [[], [IDA.id]]) {
    const found = await levelkit(url, 'verify', ...who);
    assert.deepEqual([found.sound, found.unsealed], [true, unsealed], JSON.stringify(found));
  }
  assert.equal((await levelkit(url, 'verify', BO.id)).unsealed, null);
  assert.deepEqual((await rows(db)).xp_events, before.xp_events);
});

test('the game goes on from what the player had', { skip: missing }, async (t) => {
  const { url, db, before } = await application(t);
  await migrate(url);
  const played = await play(url, [[IDA.id, TODAY, 9000], [BO.id, TODAY, 8000]]);
  assert.equal(played.ledger.sound, true, JSON.stringify(played.ledger));

  const events = await db.select().from(schema.xpEvents).where(eq(schema.xpEvents.userId, IDA.id)).orderBy(schema.xpEvents.createdAt);
  const [first, ...more] = events.slice(IDA.events);
  assert.deepEqual([more.length, first!.totalXPBefore, first!.levelBefore], [0, IDA.totalXP, IDA.level]);
  const [user] = await db.select().from(schema.users).where(eq(schema.users.id, IDA.id));
  assert.equal(user!.totalXP, first!.totalXPAfter);
  assert.equal(user!.totalXP, IDA.totalXP + BigInt(first!.finalXP));
  assert.deepEqual([user!.email, user!.name, user!.timezone], ['ida@example.com', 'Ida', 'Europe/Berlin']);
  const [bo] = await db.select().from(schema.users).where(eq(schema.users.id, BO.id));
  assert.equal(bo!.totalXP, BO.totalXP + 100n);

  // What is the application's stays, whatever is played.
  const untouched = changed(before, await rows(db)).filter((name) => !/^(users|quest_templates|quest_logs|daily_logs) /.test(name));
  assert.deepEqual(untouched, []);
  const [account] = await db.select().from(schema.users).where(eq(schema.users.id, 'new'));
  assert.equal(account!.totalXP, 0n);
});

test('what was completed today is not awarded again', { skip: missing }, async (t) => {
  const { url, db, before } = await application(t);
  await migrate(url);
  const played = await play(url, [[CY.id, TODAY, 9000]]);
  assert.deepEqual([played.totals.total_xp, played.ledger.sound], [Number(CY.totalXP), true]);
  assert.deepEqual((await rows(db)).xp_events, before.xp_events);
  const logs = (await rows(db)).quest_logs!.map((line) => JSON.parse(line)).filter((log) => log.user_id === CY.id);
  assert.deepEqual(logs.filter((log) => log.day_date === TODAY).map((log) => [log.id, log.status]), [['l5', 'COMPLETED']]);
});

test('undone, the database is as it was', { skip: missing }, async (t) => {
  const { url, db, before } = await application(t);
  const catalogue = await details(db);
  await migrate(url);
  assert.notDeepEqual(await details(db), catalogue);
  await levelkit(url, 'migrate', '--down', '--yes');
  assert.deepEqual(await details(db), catalogue);
  assert.deepEqual(await rows(db), before);
  assert.deepEqual((await db.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'levelkit'")).rows, []);
});

test('undoing drops what levelkit made, if nothing is in it', { skip: missing }, async (t) => {
  const { url, db } = await migratedDatabase(t);
  await db.insert(schema.users).values({ id: 'ida', email: 'ida@example.com' });
  const before = await details(db);
  await assert.rejects(levelkit(url, 'migrate', '--down', '--yes'), /public\.users holds rows/);
  assert.deepEqual(await details(db), before);
  await db.delete(schema.users);
  await levelkit(url, 'migrate', '--down', '--yes');
  assert.deepEqual([await relations(db), await others(db)], [[], []]);
  await migrate(url);
  assert.deepEqual(await details(db), before);
});
