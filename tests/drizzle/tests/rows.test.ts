// Every table, written and read through Drizzle with the schema's own types.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq, getTableColumns, is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import * as schema from '../schema';
import { missing } from '../support/database';
import { migratedDatabase } from '../support/levelkit';
import { sample } from '../support/sample';

const tables = Object.values(schema).filter((value) => is(value, PgTable));

test('every table has a sample, and the sample every column', () => {
  const names = (tables: PgTable[]) => tables.map((table) => getTableConfig(table).name).sort();
  assert.deepEqual(names(sample.map(([table]) => table)), names(tables));
  assert.equal(tables.length, 21);
  for (const [table, row] of sample) {
    assert.deepEqual(Object.keys(row).sort(), Object.keys(getTableColumns(table)).sort());
  }
});

test('what is written is what is read', { skip: missing }, async (t) => {
  const { db } = await migratedDatabase(t);
  for (const [table, row] of sample) {
    const { name } = getTableConfig(table);
    assert.deepEqual(await db.insert(table).values(row).returning(), [row], `${name}, as it is written`);
    assert.deepEqual(await db.select().from(table), [row], `${name}, as it is read`);
  }
});

test('the defaults are the schema’s', { skip: missing }, async (t) => {
  const { db } = await migratedDatabase(t);
  const now = Date.now();
  for (const [table, row] of sample) {
    const defaults = Object.entries(getTableColumns(table)).filter(([, column]) => column.default !== undefined);
    const keys = defaults.map(([key]) => key);
    const values = Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key)));
    const [read] = (await db.insert(table).values(values).returning()) as Record<string, unknown>[];
    for (const [key, column] of defaults) {
      const found = read![key];
      const name = `${getTableConfig(table).name}.${column.name}`;
      if (found instanceof Date) {
        // By the server's clock, in UTC whatever its own zone is.
        assert.ok(Math.abs(found.getTime() - now) < 600_000, `${name}: ${found.toISOString()}`);
      } else {
        assert.equal(found, column.default, name);
      }
    }
  }
});

test('ids are made by the schema’s own function', { skip: missing }, async (t) => {
  const { db } = await migratedDatabase(t);
  const [user] = await db.insert(schema.users).values({ email: 'ida@example.com' }).returning();
  assert.match(user!.id, /^[a-z0-9]{24}$/);
  assert.equal(user!.totalXP, 0n);
});

test('the ledger takes rows and lets none change', { skip: missing }, async (t) => {
  const { db } = await migratedDatabase(t);
  for (const [table, row] of sample) await db.insert(table).values(row);
  const refused = (error: Error & { cause?: Error }) => /is append-only/.test(String(error.cause?.message));
  const { xpEvents, xpModifiers } = schema;
  await assert.rejects(db.update(xpEvents).set({ finalXP: 1_000_000 }), refused);
  await assert.rejects(db.delete(xpEvents).where(eq(xpEvents.id, 'nobody')), refused);
  await assert.rejects(db.update(xpModifiers).set({ multiplier: 9 }), refused);
  await assert.rejects(db.delete(xpModifiers), refused);
  await assert.rejects(db.execute('TRUNCATE xp_modifiers'), refused);
  const [event] = await db.select().from(xpEvents);
  const change = { target: xpEvents.id, set: { finalXP: 1_000_000 } };
  await assert.rejects(db.insert(xpEvents).values(event!).onConflictDoUpdate(change), refused);
  assert.deepEqual(await db.select().from(xpEvents), [event]);
});
