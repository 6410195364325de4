import { pgTable, text, integer, boolean, json, timestamp, index } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import { narrativeCategoryEnum } from './enums';

export const gameConfigs = pgTable('game_configs', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  key: text('key').notNull().unique(),
  value: json('value').notNull(),
  version: integer('version').default(1).notNull(),
  updatedAt: timestamp('updated_at').defaultNow().notNull(),
});

export const narrativeContents = pgTable('narrative_contents', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  key: text('key').notNull().unique(),
  category: narrativeCategoryEnum('category').notNull(),
  content: text('content').notNull(),
  context: json('context'),
  isActive: boolean('is_active').default(true).notNull(),
}, (table) => ({
  categoryActiveIdx: index('narrative_category_active_idx').on(table.category, table.isActive),
}));
