import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../../test/helpers/until.ts';
import { commonSettings, dataDirectory, portSetting, readEnvironment } from '../../src/index.ts';
import { createServer, openDatabase, runService } from '../../src/traced/index.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);

await runService({
  telemetry: {
    shutdown: async () => {
      if (process.env.HANG) await new Promise(() => {});
      print('telemetry flushed');
    },
  },
  readConfig() {
    const settings = readEnvironment({ ...commonSettings, PORT: portSetting(1) }, process.env);
    return { ...settings, host: settings.HOST, port: settings.PORT, logLevel: 'info' };
  },
  async start({ config, logger, isStopping }) {
    if (config.DATABASE_URL !== undefined) await openDatabase({ url: config.DATABASE_URL }).check();
    else if (config.DATA_DIR !== '.data')
      openDatabase({ file: join(dataDirectory(config.DATA_DIR), 'fixture.sqlite') });
    const app = await createServer({
      title: 'fixture',
      description: 'A service for tests of the life cycle.',
      version: '0.0.0',
      rateLimitMax: 1000,
      logger,
      readiness: { checkDatabase: async () => {}, isStopping },
      api(api) {
        api.get('/wait', async () => {
          print('waiting');
          await until(isStopping);
          return { done: true };
        });
        api.get('/hold', async () => {
          print('waiting');
          await until(() => existsSync(process.env.RELEASE ?? ''));
          return { done: true };
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
});
