import { pgTable, text, integer, bigint, real, timestamp, index } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import { users } from './auth';
import { xpEventSourceEnum, modifierTypeEnum } from './enums';

export const xpEvents = pgTable('xp_events', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  userId: text('user_id').notNull().references(() => users.id),
  eventSource: xpEventSourceEnum('event_source').notNull(),
  sourceId: text('source_id'), // References questLog, bossAttempt, etc.
  baseXP: integer('base_xp').notNull(),
  finalXP: integer('final_xp').notNull(),
  totalXPBefore: bigint('total_xp_before', { mode: 'bigint' }).notNull(),
  totalXPAfter: bigint('total_xp_after', { mode: 'bigint' }).notNull(),
  levelBefore: integer('level_before').notNull(),
  levelAfter: integer('level_after').notNull(),
  eventHash: text('event_hash').notNull(), // SHA256 for immutability verification
  createdAt: timestamp('created_at').defaultNow().notNull(),
}, (table) => ({
  userCreatedIdx: index('xp_event_user_created_idx').on(table.userId, table.createdAt),
  eventSourceIdx: index('xp_event_source_idx').on(table.eventSource),
}));

export const xpModifiers = pgTable('xp_modifiers', {
  id: text('id').primaryKey().$defaultFn(() => createId()),
  xpEventId: text('xp_event_id').notNull().references(() => xpEvents.id),
  order: integer('order').notNull(),
  type: modifierTypeEnum('type').notNull(),
  multiplier: real('multiplier').notNull(),
  reason: text('reason').notNull(),
  xpBefore: integer('xp_before').notNull(),
  xpAfter: integer('xp_after').notNull(),
}, (table) => ({
  xpEventIdx: index('xp_modifier_event_idx').on(table.xpEventId),
}));
