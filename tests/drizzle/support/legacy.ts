// What an application's own game left behind: players in the midst of everything, by rules that were not levelkit's.
import * as schema from '../schema';
import type { Database } from './database';

const at = (text: string) => new Date(`${text}Z`);
const requirements = { anyOf: [{ steps: 8000 }, { run_km: 5 }] };

/** The day on which levelkit takes over, with its quests still open. */
export const TODAY = '2026-03-04';

/** The sum of Ida's old events; her total is more, since the application did not write down everything. */
export const IDA = { id: 'ida', totalXP: 2_750n, level: 6, events: 3, sum: 560 };

/** Somebody whose events the application lost. */
export const BO = { id: 'bo', totalXP: 90n };

/** Somebody who walked before noon. */
export const CY = { id: 'cy', totalXP: 60n };

/** Fills a database as the application would have. */
export async function fill(db: Database) {
  await people(db);
  await content(db);
  await progress(db);
  await ledger(db);
}

async function people(db: Database) {
  await db.insert(schema.users).values([
    {
      id: IDA.id,
      email: 'ida@example.com',
      emailVerified: true,
      name: 'Ida',
      timezone: 'Europe/Berlin',
      level: IDA.level,
      totalXP: IDA.totalXP,
      currentStreak: 9,
      longestStreak: 30,
      perfectStreak: 4,
      debuffActiveUntil: at('2026-03-04T23:00:00'),
      str: 14,
      agi: 17,
      activeTitleId: 'old_title',
      createdAt: at('2025-01-01T00:00:00'),
      updatedAt: at('2026-03-03T00:00:00'),
    },
    { id: BO.id, email: 'bo@example.com', totalXP: BO.totalXP, createdAt: at('2025-06-01T00:00:00') },
    { id: CY.id, email: 'cy@example.com', totalXP: CY.totalXP },
    { id: 'new', email: 'new@example.com' },
  ]);
  await db.insert(schema.sessions).values({ id: 's', userId: IDA.id, token: 't', expiresAt: at('2027-01-01T00:00:00') });
  await db.insert(schema.accounts).values({ id: 'a', userId: IDA.id, accountId: IDA.id, providerId: 'google' });
  await db.insert(schema.verifications).values({ id: 'v', identifier: 'i', value: 'x', expiresAt: at('2026-03-05T00:00:00') });
}

async function content(db: Database) {
  const season = { theme: 'frost', description: 'Cold', startDate: at('2025-12-01T00:00:00'), endDate: at('2099-06-01T00:00:00') };
  await db.insert(schema.seasons).values({ id: 'old_season', number: 1, name: 'Winter', status: 'ACTIVE', ...season });
  const quest = { description: '', type: 'DAILY', category: 'MOVEMENT', requirements, baseXp: 50, isCore: true } as const;
  await db.insert(schema.questTemplates).values([
    { id: 'old_walk', name: 'Walk', ...quest },
    // By the id and name that the ruleset uses as well: the ruleset takes it over.
    { id: 'walk', name: 'Walk a while', ...quest },
  ]);
  await db.insert(schema.titles).values({
    id: 'old_title',
    name: 'Veteran',
    description: 'Was here before',
    systemMessage: 'You were here.',
    conditionType: 'SPECIAL',
    conditionConfig: { by: 'hand' },
  });
  const boss = { description: '', introMonologue: '', defeatMessage: '', difficulty: 'HARD', xpReward: 900 } as const;
  await db.insert(schema.bosses).values({ id: 'old_boss', name: 'Winter', seasonId: 'old_season', ...boss });
  const phase = { name: 'First', description: '', requirements, durationDays: 3 };
  await db.insert(schema.bossPhases).values({ id: 'old_phase', bossId: 'old_boss', phaseNumber: 1, ...phase });
  const dungeon = { description: '', difficulty: 'B_RANK', requirements, challenges: [], durationMinutes: 60 } as const;
  await db.insert(schema.dungeons).values({ id: 'old_dungeon', name: 'Ice', ...dungeon });
  await db.insert(schema.gameConfigs).values({ id: 'old_config', key: 'xp.curve', value: { base: 100 } });
  await db.insert(schema.narrativeContents).values({ id: 'old_text', key: 'hello', category: 'ONBOARDING', content: 'Hello' });
}

async function progress(db: Database) {
  const log = { userId: IDA.id, progress: { steps: 9100 } };
  await db.insert(schema.questLogs).values([
    { ...log, id: 'l1', templateId: 'walk', dayDate: '2026-03-03', status: 'COMPLETED', completedAt: at('2026-03-03T20:00:00'), xpAwarded: 60 },
    { ...log, id: 'l2', templateId: 'old_walk', dayDate: '2026-03-02', status: 'EXPIRED' },
    // Today's are still open: one of a quest that goes on, one of a quest that is gone.
    { ...log, id: 'l3', templateId: 'walk', dayDate: TODAY },
    { ...log, id: 'l4', templateId: 'old_walk', dayDate: TODAY },
    { ...log, id: 'l5', userId: CY.id, templateId: 'walk', dayDate: TODAY, status: 'COMPLETED', completedAt: at(`${TODAY}T10:00:00`), xpAwarded: 60 },
  ]);
  await db.insert(schema.dailyLogs).values([
    { id: 'd1', userId: IDA.id, dayDate: '2026-03-03', coreCompleted: 4, allCompleted: true, evaluated: true },
    { id: 'd2', userId: IDA.id, dayDate: TODAY },
  ]);
  await db.insert(schema.userTitles).values({ id: 'ut', userId: IDA.id, titleId: 'old_title', earnedAt: at('2025-05-05T05:05:05'), isActive: true });
  await db.insert(schema.bossAttempts).values({ id: 'ba', userId: IDA.id, bossId: 'old_boss', phaseProgress: { days: 1 } });
  await db.insert(schema.dungeonAttempts).values({ id: 'da', userId: IDA.id, dungeonId: 'old_dungeon', progress: {} });
  await db.insert(schema.seasonParticipations).values({ id: 'sp', userId: IDA.id, seasonId: 'old_season', seasonXP: 300n });
  await db.insert(schema.seasonLeaderboards).values({ id: 'sl', userId: IDA.id, seasonId: 'old_season', rank: 1, totalXP: 300n });
}

async function ledger(db: Database) {
  const event = { userId: IDA.id, eventSource: 'QUEST_COMPLETION', levelBefore: 5, levelAfter: 5 } as const;
  await db.insert(schema.xpEvents).values([
    { ...event, id: 'e1', baseXP: 500, finalXP: 500, totalXPBefore: 0n, totalXPAfter: 500n, eventHash: 'not a hash', createdAt: at('2026-03-01T12:00:00') },
    { ...event, id: 'e2', baseXP: 0, finalXP: 0, totalXPBefore: 500n, totalXPAfter: 500n, eventHash: '', createdAt: at('2026-03-03T20:00:00') },
    // At the same instant as the one before.
    { ...event, id: 'e3', sourceId: 'l1', baseXP: 50, finalXP: 60, totalXPBefore: 500n, totalXPAfter: 560n, eventHash: 'ab'.repeat(32), createdAt: at('2026-03-03T20:00:00') },
  ]);
  const modifier = { xpEventId: 'e3', order: 1, type: 'STREAK_BONUS', multiplier: 1.2, reason: 'Nine days', xpBefore: 50, xpAfter: 60 } as const;
  await db.insert(schema.xpModifiers).values({ id: 'm', ...modifier });
}
