import { pgTable, text, real, boolean, timestamp, json, index, unique } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import { users } from './auth';
import { titleConditionTypeEnum, passiveTypeEnum, titleRarityEnum } from './enums';

export const titles = pgTable('titles', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  name: text('name').notNull().unique(),
  description: text('description').notNull(),
  systemMessage: text('system_message').notNull(),
  conditionType: titleConditionTypeEnum('condition_type').notNull(),
  conditionConfig: json('condition_config').notNull(),
  passiveType: passiveTypeEnum('passive_type'),
  passiveValue: real('passive_value'),
  rarity: titleRarityEnum('rarity').default('COMMON').notNull(),
  canRegress: boolean('can_regress').default(true).notNull(),
});

export const userTitles = pgTable('user_titles', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  userId: text('user_id').notNull().references(() => users.id),
  titleId: text('title_id').notNull().references(() => titles.id),
  earnedAt: timestamp('earned_at').defaultNow().notNull(),
  revokedAt: timestamp('revoked_at'),
  isActive: boolean('is_active').default(false).notNull(),
}, (table) => ({
  userTitleUnique: unique().on(table.userId, table.titleId),
  userActiveIdx: index('user_title_user_active_idx').on(table.userId, table.isActive),
}));
