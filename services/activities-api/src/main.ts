import { parseArgs } from 'node:util';
import { runService } from '@tandem/service-kit';
import { telemetry } from '@tandem/telemetry/register';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { openActivitiesDatabase } from './database.ts';
import { seedActivities } from './seed.ts';
import { createUserLookupClient } from './user-lookup-client.ts';

await runService({
  telemetry,
  readConfig,
  async start({ config, logger, reportError, isStopping }) {
    const { values } = parseArgs({ options: { seed: { type: 'boolean', default: false } } });
    const database = await openActivitiesDatabase(config.database, (err) =>
      logger.warn({ err }, 'idle connection broke'),
    );
    if (values.seed) await seedActivities(database.db, new Date());
    return buildApp({
      database,
      users: createUserLookupClient(config.userLookupUrl),
      corsOrigins: config.corsOrigins,
      logger,
      reportError,
      rateLimitMax: config.rateLimitMax,
      faultInjection: config.faultInjection,
      isStopping,
    });
  },
});
