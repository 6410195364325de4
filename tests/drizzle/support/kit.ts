// Drizzle Kit: what it would change, and what it makes.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import '../drizzle.config';
import { pushSchema } from 'drizzle-kit/api';
import * as schema from '../schema';
import type { Database } from './database';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '..');

/** The statements by which Drizzle Kit would bring a database to the schema. */
export async function difference(db: Database): Promise<string[]> {
  return (await pushSchema(schema, db as unknown as Parameters<typeof pushSchema>[1])).statementsToExecute;
}

/** `drizzle-kit push`, as an application runs it; what it prints. */
export const push = (url: string, ...options: string[]) => kit({ DATABASE_URL: url }, 'push', ...options);

/** `drizzle-kit generate`: writes migrations into a folder. */
export const generate = (out: string) => kit({ DRIZZLE_OUT: out }, 'generate');

async function kit(env: Record<string, string>, ...words: string[]): Promise<string> {
  const program = join(folder, 'node_modules/.bin/drizzle-kit');
  const { stdout } = await run(program, words, { cwd: folder, env: { ...process.env, ...env } });
  return stdout;
}
