import { parseArgs } from 'node:util';
import { databaseLocation, runService } from '@tandem/service-kit';
import { telemetry } from '@tandem/service-kit/register';
import { purgeRegularly } from './activities/purge.ts';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { openActivitiesDatabase } from './database.ts';
import { createUserLookupClient } from './user-lookup/client.ts';

await runService(telemetry, readConfig, async function start(config, runtime) {
  const { logger } = runtime;
  const { values } = parseArgs({ options: { seed: { type: 'boolean', default: false } } });
  const faults = config.faultInjection ? await import('./faults.ts') : undefined;
  const database = await openActivitiesDatabase(databaseLocation(config, 'activities-api'), {
    onCreateConnection: faults?.delayStatements,
  });
  if (values.seed) await (await import('./seed.ts')).seedActivities(database.db, new Date());
  const lookup = { origin: config.userLookupUrl, token: config.userLookupToken };
  const client = createUserLookupClient(lookup);
  const users = faults?.faultyUserDirectory(client, lookup) ?? client;
  const injectFaults = faults?.injectFaults;
  const app = await buildApp({ settings: config, runtime, database, users, injectFaults });
  purgeRegularly(database.db, (err) =>
    logger.warn({ err }, 'the purge of expired activities failed; the next one tries again'),
  );
  return app;
});
