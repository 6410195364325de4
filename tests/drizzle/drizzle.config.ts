import { defineConfig } from 'drizzle-kit';

// Drizzle Kit writes defaults as JSON, which has no BigInt: without this it stops at `.default(0n)`.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  configurable: true,
  value(this: bigint) {
    return Number(this);
  },
});

export default defineConfig({
  dialect: 'postgresql',
  schema: './schema/index.ts',
  out: process.env.DRIZZLE_OUT,
  dbCredentials: { url: process.env.DATABASE_URL! },
});
