// The rights that docs/adopt.md grants are enough, and no more than it says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as schema from '../schema';
import { auth } from '../support/auth';
import { connect, missing, role } from '../support/database';
import { migratedDatabase, play } from '../support/levelkit';

/** The SQL in the page's section on roles, for other names of the roles. */
async function grants(game: string, viewer: string): Promise<string> {
  const page = await readFile(join(import.meta.dirname, '../../../docs/adopt.md'), 'utf8');
  const [, text] = /\n## Roles\n[^]*?```sql\n([^]*?)```/.exec(page)!;
  return text!.replace(/\b(TO|FROM) game\b/g, `$1 ${game}`).replace(/\b(TO|FROM) viewer\b/g, `$1 ${viewer}`);
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
  assert.deepEqual((await guest.select().from(schema.users)).map((row) => row.totalXP), [200n]);
  await assert.rejects(guest.update(schema.users).set({ totalXP: 0n }), denied);
  await assert.rejects(guest.execute('SELECT * FROM levelkit.players'), denied);
});
