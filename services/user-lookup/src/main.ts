import { parseArgs } from 'node:util';
import { telemetry } from '@tandem/service-kit/register';
import { runService } from '@tandem/service-kit/traced';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { openUsersDatabase } from './database.ts';
import { seedUsers } from './seed.ts';

await runService({
  telemetry,
  readConfig,
  async start({ config, logger, reportError, isStopping }) {
    const { values } = parseArgs({ options: { seed: { type: 'boolean', default: false } } });
    const database = await openUsersDatabase(config.database, (err) =>
      logger.warn({ err }, 'idle connection broke'),
    );
    if (values.seed) await seedUsers(database.db);
    return buildApp({
      database,
      logger,
      reportError,
      reach: config.reach,
      token: config.token,
      rateLimitMax: config.rateLimitMax,
      maxOpenRequests: config.maxOpenRequests,
      faultInjection: config.faultInjection,
      codeLocations: config.codeLocations,
      pageUrl: config.pageUrl,
      isStopping,
    });
  },
});
