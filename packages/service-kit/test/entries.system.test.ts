import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import telemetry from '../../telemetry/package.json' with { type: 'json' };
import kit from '../package.json' with { type: 'json' };

/** URLs of all modules that an entry of the package loads, directly or not, in a process of its own. */
async function modulesOf(entry: string): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({
      load(url, context, next) {
        urls.push(url);
        return next(url, context);
      },
    });
    await import(${JSON.stringify(entry)});
    process.stdout.write(JSON.stringify(urls));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    maxBuffer: 16 * 1024 * 1024, // bytes
  });
  return JSON.parse(stdout);
}

/** What reads variables, and `response-closed`, load nothing of OpenTelemetry, and start nothing. */
const TELEMETRY =
  /@opentelemetry|packages\/telemetry\/src\/(?!process\/(?:settings|secrets)\/|common\/primordials|road\/http\/response-closed)/;
const untraced = await modulesOf('@tandem/service-kit/http');

t.test('the entry without telemetry loads neither OpenTelemetry nor telemetry', async (t) => {
  t.ok(untraced.some((url) => url.endsWith('service-kit/src/http.ts')));
  t.same(
    untraced.filter((url) => TELEMETRY.test(url)),
    [],
  );
});

t.test(
  'the entry without telemetry loads no database, and nothing for a server that is not made',
  async (t) => {
    t.same(
      untraced.filter((url) => /node_modules\/(kysely|pg|rollbar|fastify|@fastify\/[^/]+)\//.test(url)),
      [],
    );
  },
);

t.test('the traced entry loads both, so the test above can fail', async (t) => {
  const modules = await modulesOf('@tandem/service-kit');
  t.ok(modules.some((url) => url.includes('@opentelemetry/api')));
  t.ok(modules.some((url) => url.includes('packages/telemetry/')));
  t.ok(modules.some((url) => url.includes('node_modules/kysely/')));
});

t.test('importing telemetry starts nothing; its entry `register` starts it', async (t) => {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const stateAfter = async (entry: string) => {
    const script = `
      const { trace } = await import('@opentelemetry/api');
      await import(${JSON.stringify(entry)});
      const isRecording = trace.getTracer('test').startSpan('test').isRecording();
      console.log(JSON.stringify({ isRecording, signals: process.listenerCount('SIGTERM') }));
      process.exit();
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      {
        cwd: import.meta.dirname,
        env: { PATH, NODE_COMPILE_CACHE, OTEL_SERVICE_NAME: 'test', OTEL_TRACES_EXPORTER: 'none' },
      },
    );
    // Telemetry says that it has started.
    return JSON.parse(stdout.split('\n').find((line) => line.includes('isRecording')) ?? '');
  };
  // The test runner itself listens for signals, in processes that tests start too.
  const untouched = await stateAfter('node:path');
  t.same(await stateAfter('@tandem/telemetry'), untouched);
  t.match(untouched, { isRecording: false });
  t.match(await stateAfter('@tandem/service-kit/register'), { isRecording: true });
});

t.test('no entry changes the environment of its process', async (t) => {
  const entries = [
    ...Object.keys(telemetry.exports).map((entry) => entry.replace('.', '@tandem/telemetry')),
    ...Object.keys(kit.exports).map((entry) => entry.replace('.', '@tandem/service-kit')),
  ];
  const script = `
    const variables = () => JSON.stringify(Object.entries(process.env).toSorted());
    const before = variables();
    for (const entry of ${JSON.stringify(entries)}) {
      await import(entry);
      if (variables() !== before) console.error('changed by ' + entry);
    }
    process.exit();
  `;
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: t.testdir(),
    OTEL_SERVICE_NAME: 'test',
    LOG_LEVEL: 'silent',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    HONEYCOMB_API_KEY: 'hcaik_'.padEnd(64, 'a'),
    EXPLORER_FORWARD: 'honeycomb',
  };
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env,
  });
  t.equal(stderr, '');
});

t.test('files are reached by the listed entries only', async (t) => {
  await t.rejects(import(['@tandem/service-kit', 'problems'].join('/')), {
    code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
  });
});
