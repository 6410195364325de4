import { pgTable, text, integer, real, timestamp, json, index } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import { users } from './auth';
import { seasons } from './seasons';
import { dungeonDifficultyEnum, dungeonAttemptStatusEnum } from './enums';

export const dungeons = pgTable('dungeons', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  name: text('name').notNull(),
  description: text('description').notNull(),
  difficulty: dungeonDifficultyEnum('difficulty').notNull(),
  requirements: json('requirements').notNull(),
  challenges: json('challenges').notNull(),
  xpMultiplier: real('xp_multiplier').default(1.5).notNull(),
  durationMinutes: integer('duration_minutes').notNull(),
  cooldownHours: integer('cooldown_hours').default(24).notNull(),
  seasonId: text('season_id').references(() => seasons.id),
});

export const dungeonAttempts = pgTable('dungeon_attempts', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  userId: text('user_id').notNull().references(() => users.id),
  dungeonId: text('dungeon_id').notNull().references(() => dungeons.id),
  status: dungeonAttemptStatusEnum('status').default('IN_PROGRESS').notNull(),
  progress: json('progress').notNull(),
  startedAt: timestamp('started_at').defaultNow().notNull(),
  completedAt: timestamp('completed_at'),
  xpAwarded: integer('xp_awarded'),
}, (table) => ({
  userStatusIdx: index('dungeon_attempt_user_status_idx').on(table.userId, table.status),
}));
