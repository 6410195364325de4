// The rights that docs/adopt.md grants are enough, and no more than it says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as schema from '../schema';
import { auth } from '../support/auth';
import { connect, missing, role } from '../support/database';
import { migratedDatabase, play } from '../support/levelkit';

const file = (path: string) => readFile(join(import.meta.dirname, '../../..', path), 'utf8');

/** The script that the page's section on roles names, and its SQL, for other names of the roles. */
async function grants(game: string, viewer: string): Promise<string> {
  const [roles, page] = [await file('migrations/postgres/roles.sql'), await file('docs/adopt.md')];
  const [, text] = /\n## Roles\n[^]*?```sql\n([^]*?)```/.exec(page)!;
  return `${roles}\n${text!.replace(/\bTO game\b/g, `TO ${game}`).replace(/\bTO viewer\b/g, `TO ${viewer}`)}`;
}

const denied = (error: Error & { cause?: Error }) => /permission denied/.test(String(error.cause?.message));

test('a service plays, and a viewer only looks', { skip: missing }, async (t) => {
  const { url, db } = await migratedDatabase(t);
  const [game, viewer] = [await role(t, url), await role(t, url)];
  await db.execute(await grants(game.name, viewer.name));

  const service = connect(t, game.url);
  const ida = { email: 'ida@example.com', name: 'Ida', password: 'a long enough one' };
  const { user } = await auth(service, []).api.signUpEmail({ body: ida });
  const played = await play(game.url, [[user.id, '2026-03-02', 9000], [user.id, '2026-03-03', 9000]]);
  assert.deepEqual([played.totals.total_xp, played.ledger.sound], [200, true]);
  await assert.rejects(service.update(schema.xpEvents).set({ finalXP: 1 }), denied);
  await assert.rejects(service.execute('DROP TRIGGER levelkit_append_only ON xp_events'), (error: Error & { cause?: Error }) =>
    /must be owner/.test(String(error.cause?.message)),
  );

  const guest = connect(t, viewer.url);
  const { id, totalXP, email } = schema.users;
  assert.deepEqual(await guest.select({ id, totalXP }).from(schema.users), [{ id: user.id, totalXP: 200n }]);
  await assert.rejects(guest.select({ email }).from(schema.users), denied);
  await assert.rejects(guest.update(schema.users).set({ totalXP: 0n }), denied);
  await assert.rejects(guest.execute('UPDATE levelkit.players SET event_count = 0'), denied);
});
