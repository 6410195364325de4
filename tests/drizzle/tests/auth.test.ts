// Better Auth on the migrated tables; who signs up there plays here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import * as schema from '../schema';
import { auth, cookies, type Mail } from '../support/auth';
import { missing } from '../support/database';
import { levelkit, migratedDatabase, play } from '../support/levelkit';

const ida = { email: 'ida@example.com', name: 'Ida', password: 'a long enough one' };

test('sign-up, session, sign-out, sign-in and a new password', { skip: missing }, async (t) => {
  const { db } = await migratedDatabase(t);
  const mails: Mail[] = [];
  const { api } = auth(db, mails);

  const up = await api.signUpEmail({ body: { ...ida, timezone: 'Europe/Berlin' }, returnHeaders: true });
  const { id } = up.response.user;
  const [user] = await db.select().from(schema.users);
  assert.deepEqual(
    [user!.id, user!.email, user!.name, user!.timezone, user!.level, user!.totalXP, user!.str],
    [id, ida.email, ida.name, 'Europe/Berlin', 1, 0n, 10],
  );
  const [account] = await db.select().from(schema.accounts);
  assert.deepEqual([account!.userId, account!.providerId], [id, 'credential']);
  assert.notEqual(account!.password, ida.password);

  const headers = cookies(up.headers);
  const session = await api.getSession({ headers });
  assert.deepEqual([session?.user.id, session?.user.level], [id, 1]);
  const stored = await db.select().from(schema.sessions);
  assert.deepEqual(stored.map((row) => [row.userId, row.token]), [[id, session!.session.token]]);
  assert.ok(stored[0]!.expiresAt.getTime() > Date.now());

  await api.signOut({ headers });
  assert.deepEqual(await db.select().from(schema.sessions), []);
  assert.equal(await api.getSession({ headers, query: { disableCookieCache: true } }), null);

  await assert.rejects(api.signInEmail({ body: { ...ida, password: 'a wrong one' } }), { status: 'UNAUTHORIZED' });
  const again = await api.signInEmail({ body: ida, returnHeaders: true });
  assert.equal((await api.getSession({ headers: cookies(again.headers) }))?.user.id, id);

  await api.requestPasswordReset({ body: { email: ida.email } });
  assert.deepEqual(mails.map((mail) => mail.to), [ida.email]);
  assert.equal((await db.select().from(schema.verifications)).length, 1);
  await api.resetPassword({ body: { token: mails[0]!.token, newPassword: 'another long one' } });
  assert.equal((await db.select().from(schema.verifications)).length, 0);
  await assert.rejects(api.signInEmail({ body: ida }), { status: 'UNAUTHORIZED' });
  assert.equal((await api.signInEmail({ body: { ...ida, password: 'another long one' } })).user.id, id);
});

test('who signed up is adopted and plays', { skip: missing }, async (t) => {
  const { url, db } = await migratedDatabase(t);
  const { api } = auth(db, []);
  const up = await api.signUpEmail({ body: { ...ida, timezone: 'Asia/Tokyo' }, returnHeaders: true });
  const { id } = up.response.user;
  const [before] = await db.select().from(schema.users);

  const played = await play(url, [[id, '2026-03-02', 9000], [id, '2026-03-03', 100], [id, '2026-03-04', 8000]]);
  assert.deepEqual([played.rows.new_players, played.totals.total_xp, played.ledger.sound], [1, 200, true]);
  const [user] = await db.select().from(schema.users);
  assert.deepEqual([user!.totalXP, user!.longestStreak], [200n, 1]);
  for (const key of ['email', 'emailVerified', 'name', 'image', 'timezone', 'createdAt'] as const) {
    assert.deepEqual(user![key], before![key], `users.${key} is the application's`);
  }
  const events = await db.select().from(schema.xpEvents).where(eq(schema.xpEvents.userId, id)).orderBy(schema.xpEvents.createdAt);
  // Days end at midnight in the zone that the user signed up with.
  assert.deepEqual(events.map((event) => [event.finalXP, event.createdAt.toISOString().slice(0, 10)]), [[100, '2026-03-02'], [100, '2026-03-04']]);
  const logs = await db.select().from(schema.questLogs).orderBy(schema.questLogs.dayDate);
  assert.deepEqual(logs.slice(0, 3).map((log) => log.status), ['COMPLETED', 'FAILED', 'COMPLETED']);

  // Signing in goes on as before, with the level that was reached, and the ledger verifies.
  const session = await api.getSession({ headers: cookies((await api.signInEmail({ body: ida, returnHeaders: true })).headers) });
  assert.deepEqual([session?.user.id, session?.user.level], [id, user!.level]);
  assert.deepEqual([(await levelkit(url, 'verify')).sound, (await levelkit(url, 'player', id)).total_xp], [true, 200]);
});
