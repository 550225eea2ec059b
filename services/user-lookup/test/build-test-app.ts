import type { DatabaseLocation, DatabaseOptions } from '@tandem/service-kit';
import type { AppOptions } from '../src/app.ts';
import { buildApp } from '../src/app.ts';
import { openUsersDatabase } from '../src/database.ts';
import { seedUsers } from '../src/seed.ts';

/** The app on a seeded database of its own. */
export async function buildTestApp(
  options: Partial<AppOptions> = {},
  location: DatabaseLocation = { file: ':memory:' },
  databaseOptions?: DatabaseOptions,
) {
  const database = await openUsersDatabase(location, databaseOptions);
  await seedUsers(database.db);
  return buildApp({ database, rateLimitMax: 100_000, ...options });
}
