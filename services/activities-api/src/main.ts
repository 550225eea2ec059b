import { parseArgs } from 'node:util';
import { telemetry } from '@tandem/service-kit/register';
import { runService } from '@tandem/service-kit/traced';
import { purgeRegularly } from './activities/purge.ts';
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
    const app = await buildApp({
      database,
      users: createUserLookupClient(config.userLookupUrl, { token: config.userLookupToken }),
      corsOrigins: config.corsOrigins,
      logger,
      reportError,
      reach: config.reach,
      rateLimitMax: config.rateLimitMax,
      maxOpenRequests: config.maxOpenRequests,
      faultInjection: config.faultInjection,
      codeLocations: config.codeLocations,
      pageUrl: config.pageUrl,
      publicEdge: config.publicEdge,
      isStopping,
    });
    const stopPurging = purgeRegularly(database.db, (err) => logger.warn({ err }, 'expired activities stay'));
    app.addHook('preClose', stopPurging);
    return app;
  },
});
