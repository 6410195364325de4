import { pgTable, text, integer, timestamp, json, index, unique } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import { users } from './auth';
import { seasons } from './seasons';
import { bossDifficultyEnum, bossAttemptStatusEnum } from './enums';

export const bosses = pgTable('bosses', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  name: text('name').notNull().unique(),
  description: text('description').notNull(),
  introMonologue: text('intro_monologue').notNull(),
  defeatMessage: text('defeat_message').notNull(),
  difficulty: bossDifficultyEnum('difficulty').notNull(),
  requiredLevel: integer('required_level').default(1).notNull(),
  xpReward: integer('xp_reward').notNull(),
  titleRewardId: text('title_reward_id'),
  seasonId: text('season_id').references(() => seasons.id),
});

export const bossPhases = pgTable('boss_phases', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  bossId: text('boss_id').notNull().references(() => bosses.id),
  phaseNumber: integer('phase_number').notNull(),
  name: text('name').notNull(),
  description: text('description').notNull(),
  requirements: json('requirements').notNull(),
  durationDays: integer('duration_days').notNull(),
}, (table) => ({
  bossPhaseUnique: unique().on(table.bossId, table.phaseNumber),
}));

export const bossAttempts = pgTable('boss_attempts', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  userId: text('user_id').notNull().references(() => users.id),
  bossId: text('boss_id').notNull().references(() => bosses.id),
  status: bossAttemptStatusEnum('status').default('IN_PROGRESS').notNull(),
  currentPhase: integer('current_phase').default(1).notNull(),
  phaseProgress: json('phase_progress').notNull(),
  startedAt: timestamp('started_at').defaultNow().notNull(),
  completedAt: timestamp('completed_at'),
}, (table) => ({
  userStatusIdx: index('boss_attempt_user_status_idx').on(table.userId, table.status),
}));
