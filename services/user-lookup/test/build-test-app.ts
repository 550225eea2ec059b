import type { DatabaseLocation, DatabaseOptions } from '@tandem/service-kit';
import type { AppOptions } from '../src/app.ts';
import { buildApp } from '../src/app.ts';
import { openUsersDatabase } from '../src/database.ts';
import { seedUsers } from '../src/seed.ts';

/** The app on a seeded database of its own. */
export async function buildTestApp(
  {
    settings,
    ...options
  }: Partial<Omit<AppOptions, 'settings'>> & { settings?: Partial<AppOptions['settings']> } = {},
  location: DatabaseLocation = { file: ':memory:' },
  databaseOptions?: DatabaseOptions,
) {
  const database = await openUsersDatabase(location, databaseOptions);
  await seedUsers(database.db);
  return buildApp({ database, settings: { userLookupRateLimitMax: 100_000, ...settings }, ...options });
}
