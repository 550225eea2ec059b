import type { DatabaseLocation, DatabaseOptions } from '@tandem/service-kit';
import type { AppOptions } from '../src/app.ts';
import { buildApp } from '../src/app.ts';
import { openActivitiesDatabase } from '../src/database.ts';
import { seedActivities } from '../src/seed.ts';
import type { User, UserDirectory } from '../src/user-lookup/call.ts';

/** The current time in tests. */
export const NOW = new Date('2030-01-02T03:04:05.678Z');

/** A directory that knows every handle that does not begin with `no`. It records the requested handles. */
export function fakeDirectory(): UserDirectory & { readonly calls: string[][] } {
  const calls: string[][] = [];
  return {
    calls,
    async find(handles) {
      calls.push([...handles]);
      const exists = (handle: string) => !handle.startsWith('no');
      const user = (handle: string): User => ({
        handle,
        display_name: `The ${handle}`,
        avatar_url: `https://avatars.example/${handle}.svg`,
      });
      return {
        users: new Map(handles.filter(exists).map((handle) => [handle, user(handle)])),
        missing: new Set(handles.filter((handle) => !exists(handle))),
      };
    },
    close: async () => {},
  };
}

/** The app on a seeded database of its own. */
export async function buildTestApp(
  {
    settings,
    ...options
  }: Partial<Omit<AppOptions, 'settings'>> & { settings?: Partial<AppOptions['settings']> } = {},
  location: DatabaseLocation = { file: ':memory:' },
  databaseOptions?: DatabaseOptions,
) {
  const database = options.database ?? (await openActivitiesDatabase(location, databaseOptions));
  await seedActivities(database.db, NOW);
  return buildApp({
    database,
    users: fakeDirectory(),
    settings: {
      rateLimitMax: 100_000,
      frontendUrl: 'http://localhost:3000',
      backendUrl: 'http://localhost:4567',
      explorerUrl: 'http://localhost:4319',
      ...settings,
    },
    now: () => NOW,
    ...options,
  });
}
