import { parseArgs } from 'node:util';
import { databaseLocation, runService } from '@tandem/service-kit';
import { telemetry } from '@tandem/service-kit/register';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { openUsersDatabase } from './database.ts';

await runService(telemetry, readConfig, async function start(config, runtime) {
  const { values } = parseArgs({ options: { seed: { type: 'boolean', default: false } } });
  const faults = config.faultInjection ? await import('@tandem/service-kit/faults') : undefined;
  const database = await openUsersDatabase(databaseLocation(config, 'user-lookup'), {
    onCreateConnection: faults?.delayStatements,
  });
  if (values.seed) await (await import('./seed.ts')).seedUsers(database.db);
  return buildApp({ settings: config, runtime, database, injectFaults: faults?.injectFaults });
});
