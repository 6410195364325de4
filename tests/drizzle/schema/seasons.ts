import { pgTable, text, integer, real, bigint, timestamp, index, unique } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import { users } from './auth';
import { seasonStatusEnum } from './enums';

export const seasons = pgTable('seasons', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  number: integer('number').notNull().unique(),
  name: text('name').notNull(),
  theme: text('theme').notNull(),
  description: text('description').notNull(),
  startDate: timestamp('start_date').notNull(),
  endDate: timestamp('end_date').notNull(),
  status: seasonStatusEnum('status').default('UPCOMING').notNull(),
  xpMultiplier: real('xp_multiplier').default(1.0).notNull(),
});

export const seasonParticipations = pgTable('season_participations', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  userId: text('user_id').notNull().references(() => users.id),
  seasonId: text('season_id').notNull().references(() => seasons.id),
  seasonXP: bigint('season_xp', { mode: 'bigint' }).default(0n).notNull(),
  rank: integer('rank'),
  joinedAt: timestamp('joined_at').defaultNow().notNull(),
}, (table) => ({
  userSeasonUnique: unique().on(table.userId, table.seasonId),
}));

export const seasonLeaderboards = pgTable('season_leaderboards', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  seasonId: text('season_id').notNull().references(() => seasons.id),
  userId: text('user_id').notNull(),
  rank: integer('rank').notNull(),
  totalXP: bigint('total_xp', { mode: 'bigint' }).notNull(),
  updatedAt: timestamp('updated_at').defaultNow().notNull(),
}, (table) => ({
  seasonUserUnique: unique().on(table.seasonId, table.userId),
  seasonRankIdx: index('season_leaderboard_rank_idx').on(table.seasonId, table.rank),
}));
