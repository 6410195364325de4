// Databases of one's own on the server of DATABASE_URL, used as an application uses its own.
import { drizzle } from 'drizzle-orm/node-postgres';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { Client, Pool } from 'pg';
import * as schema from '../schema';

const server = process.env.DATABASE_URL;

/** Why tests cannot run here, if so: `cargo xtask test --lang drizzle` gives them a server. */
export const missing = server ? false : 'DATABASE_URL names no PostgreSQL';

/** An empty database, dropped when the test ends. */
export async function emptyDatabase(test: TestContext): Promise<string> {
  if (!server) throw new Error(String(missing));
  const name = `levelkit_drizzle_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE template0`);
  test.after(() => onServer(`DROP DATABASE ${name} WITH (FORCE)`));
  const [address, options] = server.split('?', 2);
  return address!.replace(/\/[^/]*$/, `/${name}`) + (options ? `?${options}` : '');
}

/** A role of this test's own, and a URL of a database as that role. */
export async function role(test: TestContext, url: string) {
  const name = `levelkit_drizzle_${randomBytes(4).toString('hex')}`;
  await onServer(`CREATE ROLE ${name}`);
  // After the database, with which its rights end.
  test.after(() => onServer(`DROP ROLE ${name}`));
  const options = `options=${encodeURIComponent(`-c role=${name} -c TimeZone=UTC`)}`;
  return { name, url: `${url}${url.includes('?') ? '&' : '?'}${options}` };
}

async function onServer(statement: string) {
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** A connection as an application should have it: Drizzle reads timestamps as UTC, and `now()` writes the session's zone. */
export function connect(test: TestContext, url: string) {
  const pool = new Pool({ connectionString: url, options: '-c TimeZone=UTC' });
  // An idle connection of the pool may see its database go before it goes itself.
  pool.on('error', () => {});
  test.after(() => pool.end());
  return drizzle(pool, { schema });
}

export type Database = ReturnType<typeof connect>;
