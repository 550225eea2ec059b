import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

/** Modules of this workspace that `./register` and `fastifyTracing` load. Each takes some 0.2 ms at start. */
const MAX_MODULES = 90;

const COUNT = `
  import { registerHooks } from 'node:module';
  const own = new Set();
  registerHooks({
    load(url, context, next) {
      if (/packages\\/(?:telemetry|durable-export|otlp)\\/src\\//.test(url)) own.add(url.replace(/.*packages\\//, ''));
      return next(url, context);
    },
  });
  await import(${JSON.stringify(import.meta.resolve('../src/register.ts'))});
  await import(${JSON.stringify(import.meta.resolve('../src/server/fastify-tracing.ts'))});
  process.stdout.write(JSON.stringify([...own]));
`;

t.test('few modules are loaded at start, and none of the doctor or of the check of a key', async (t) => {
  const child = startNode('packages/telemetry', ['--input-type=module', '--eval', COUNT], {
    OTEL_SERVICE_NAME: 'modules',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    LOG_LEVEL: 'silent',
  });
  t.equal(await child.exited, 0, child.output());
  const files: string[] = JSON.parse(child.output());
  t.ok(files.length > 50 && files.length <= MAX_MODULES, `${files.length}:\n${files.join('\n')}`);
  t.notOk(files.some((file) => /doctor\/|check-key|describe-key-check|testing\//.test(file)));
});
