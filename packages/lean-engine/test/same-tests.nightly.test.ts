import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

/** Tests of one engine, by day the official engine. The list has no tests that run both engines at once. */
const FILES = [
  '../../http-spans/test/client/client-request.test.ts',
  '../../auto-instrumentation/test/client/http-client.test.ts',
  '../../http-spans/test/client/undici-client.test.ts',
  '../../telemetry/test/fastify/context.test.ts',
  '../../telemetry/test/fastify/every-server.test.ts',
  '../../auto-instrumentation/test/server/http-server.test.ts',
  '../../telemetry/test/fastify/options.test.ts',
  '../../telemetry/test/fastify/outcome.test.ts',
  '../../telemetry/test/fastify/plugin.test.ts',
  '../../telemetry/test/fastify/request-lines.test.ts',
  '../../telemetry/test/fastify/server-span.test.ts',
  '../../telemetry/test/export/crash.system.test.ts',
  '../../durable-export/test/durable-export.system.test.ts',
  '../../durable-export/test/outage.system.test.ts',
  '../../durable-export/test/shutdown.system.test.ts',
  '../../durable-export/test/spool-faults.system.test.ts',
  '../../durable-export/test/stalled-disk.system.test.ts',
  '../../../test/waterfall.system.test.ts',
];

t.setTimeout(FILES.length * 180_000);

for (const file of FILES) {
  t.test(`with TRACE_LEAN=true: ${file}`, async (t) => {
    const path = fileURLToPath(import.meta.resolve(file));
    const env = { ...process.env, TRACE_LEAN: 'true' };
    const run = promisify(execFile)(process.execPath, [path], { env, maxBuffer: 64 * 1024 * 1024 });
    await run.catch((error: Error & { stdout: string }) => t.fail(error.stdout.slice(-4_000)));
    t.pass('it has run');
  });
}
