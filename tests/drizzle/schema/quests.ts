import { pgTable, text, integer, boolean, timestamp, json, index, unique } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import { users } from './auth';
import { seasons } from './seasons';
import { questTypeEnum, questCategoryEnum, questStatusEnum, statTypeEnum } from './enums';

export const questTemplates = pgTable('quest_templates', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  name: text('name').notNull(),
  description: text('description').notNull(),
  type: questTypeEnum('type').notNull(),
  category: questCategoryEnum('category').notNull(),
  requirements: json('requirements').notNull(), // Requirement DSL
  baseXp: integer('base_xp').notNull(),
  statAffected: statTypeEnum('stat_affected'),
  partialReward: json('partial_reward'), // { threshold, xp }
  isCore: boolean('is_core').default(false).notNull(),
  seasonId: text('season_id').references(() => seasons.id),
  createdAt: timestamp('created_at').defaultNow().notNull(),
}, (table) => ({
  typeIsCoreIdx: index('quest_template_type_is_core_idx').on(table.type, table.isCore),
}));

export const questLogs = pgTable('quest_logs', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  userId: text('user_id').notNull().references(() => users.id),
  templateId: text('template_id').notNull().references(() => questTemplates.id),
  status: questStatusEnum('status').default('ACTIVE').notNull(),
  progress: json('progress').notNull(), // Current progress against requirements
  completedAt: timestamp('completed_at'),
  xpAwarded: integer('xp_awarded'),
  dayDate: text('day_date').notNull(), // YYYY-MM-DD for daily grouping
}, (table) => ({
  userTemplateDayUnique: unique().on(table.userId, table.templateId, table.dayDate),
  userDayIdx: index('quest_log_user_day_idx').on(table.userId, table.dayDate),
}));

export const dailyLogs = pgTable('daily_logs', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  userId: text('user_id').notNull().references(() => users.id),
  dayDate: text('day_date').notNull(), // YYYY-MM-DD
  coreCompleted: integer('core_completed').default(0).notNull(),
  coreTotal: integer('core_total').default(4).notNull(),
  allCompleted: boolean('all_completed').default(false).notNull(),
  debuffTriggered: boolean('debuff_triggered').default(false).notNull(),
  evaluated: boolean('evaluated').default(false).notNull(),
}, (table) => ({
  userDayUnique: unique().on(table.userId, table.dayDate),
  userEvaluatedIdx: index('daily_log_user_evaluated_idx').on(table.userId, table.evaluated),
}));
