import type { AppOptions } from '../src/app.ts';
import { buildApp } from '../src/app.ts';
import { openNotesDatabase } from '../src/database.ts';

/** The app on a database of its own. By default nobody listens where user-lookup should be. */
export async function buildTestApp(settings: Partial<AppOptions['settings']> = {}) {
  const database = await openNotesDatabase({ file: ':memory:' });
  const defaults = { rateLimitMax: 100_000, userLookupUrl: 'http://127.0.0.1:1' };
  return buildApp({ database, settings: { ...defaults, ...settings } });
}
