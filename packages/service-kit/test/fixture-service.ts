import { existsSync } from 'node:fs';
import type { Telemetry } from '@tandem/telemetry';
import { until } from '../../../test/helpers/until.ts';
import { databaseLocation, openDatabase } from '../src/database/database.ts';
import { migrateToLatest } from '../src/database/migrate.ts';
import { runService } from '../src/run-service.ts';
import { createServer } from '../src/server/server.ts';
import { commonSettings, parseSettings, portSetting } from '../src/settings/settings.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);

const telemetry = {
  counters: () => ({ spans: { destinations: [] }, logs: { destinations: [] } }),
  shutdown: async () => {
    if (process.env.HANG) await new Promise(() => {});
    print('telemetry flushed');
  },
} as unknown as Telemetry;

await runService(
  telemetry,
  () => parseSettings({ ...commonSettings, PORT: portSetting(1) }, process.env),
  async function start(config, runtime) {
    if (config.databaseUrl !== undefined || config.dataDir !== '.data') {
      await migrateToLatest(await openDatabase(databaseLocation(config, 'fixture')), 'fixture', {});
    }
    const app = await createServer({
      title: 'fixture',
      description: 'A service for tests of the life cycle.',
      version: '0.0.0',
      settings: config,
      runtime,
      rateLimitMax: 1_000_000,
      checkDatabase: async () => {},
      api(api) {
        api.get('/wait', async () => {
          print('waiting');
          await until(runtime.isStopping);
          return { done: true };
        });
        api.get('/hold', async () => {
          print('waiting');
          await until(() => existsSync(process.env.RELEASE ?? ''));
          return { done: true };
        });
        api.get('/work', () => {
          for (const end = performance.now() + 2; performance.now() < end; ); // as much as a page takes
          return {};
        });
        api.post('/work', () => ({}));
        api.get('/block', () => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8000); // the event loop stands still
          return {};
        });
        api.get('/throw', (_request, reply) => {
          reply.hijack();
          setImmediate(() => {
            throw new Error('out of nowhere');
          });
        });
        api.get('/reject', (_request, reply) => {
          reply.hijack();
          void Promise.reject(new Error('out of nowhere'));
        });
      },
    });
    app.addHook('onClose', async () => void print('app closed'));
    return app;
  },
);
