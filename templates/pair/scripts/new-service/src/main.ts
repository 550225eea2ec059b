import { databaseLocation, runService } from '@tandem/service-kit';
import { telemetry } from '@tandem/service-kit/register';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { openNotesDatabase } from './database.ts';

await runService(telemetry, readConfig, async function start(config, runtime) {
  const database = await openNotesDatabase(databaseLocation(config, 'notes-service'));
  return buildApp({ settings: config, runtime, database });
});
