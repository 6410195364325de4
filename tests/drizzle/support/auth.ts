// Better Auth, set up as an application sets it up on these tables.
import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import * as schema from '../schema';
import type { Database } from './database';

/** A message that the application would have sent. */
export type Mail = { to: string; token: string };

export function auth(db: Database, mails: Mail[]) {
  return betterAuth({
    baseURL: 'http://localhost:3000',
    secret: 'only for these tests, and as long as it must be',
    // The tables are called users, sessions, accounts and verifications.
    database: drizzleAdapter(db, { provider: 'pg', schema, usePlural: true }),
    // The schema makes the ids.
    advanced: { database: { generateId: false } },
    emailAndPassword: {
      enabled: true,
      sendResetPassword: async ({ user, token }) => {
        mails.push({ to: user.email, token });
      },
    },
    // In the session's cookie too. Not totalXP: a BigInt cannot be written into a cookie.
    user: { additionalFields: { timezone: { type: 'string', required: false }, level: { type: 'number', input: false } } },
    session: { cookieCache: { enabled: true } },
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
}

/** The cookies that an answer sets, as the next request carries them. */
export function cookies(headers: Headers): Headers {
  return new Headers({ cookie: headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ') });
}
