// The command `levelkit`.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { connect, emptyDatabase } from './database';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

/** Runs a command of levelkit on a database; its answer. */
export async function levelkit(url: string, ...words: string[]): Promise<any> {
  const own = process.env.LEVELKIT_BIN;
  const [program, first] = own ? [own, []] : ['cargo', ['run', '--quiet', '-p', 'levelkit-cli', '--']];
  const env = { ...process.env, LEVELKIT_DB: url };
  const { stdout } = await run(program, [...first, ...words, '--json'], { cwd: root, env, maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

export const migrate = (url: string) => levelkit(url, 'migrate');

/** A database that levelkit made all of. */
export async function migratedDatabase(test: TestContext) {
  const url = await emptyDatabase(test);
  await migrate(url);
  return { url, db: connect(test, url) };
}

/** Plays rows of daily steps by the rules of the test. */
export async function play(url: string, rows: [player: string, date: string, steps: number][]) {
  const folder = await mkdtemp(join(tmpdir(), 'levelkit-drizzle-'));
  try {
    const data = join(folder, 'days.csv');
    await writeFile(data, ['player,date,steps', ...rows.map((row) => row.join(','))].join('\n'));
    return await levelkit(url, 'play', data, '--rules', join(import.meta.dirname, 'walk.yaml'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
