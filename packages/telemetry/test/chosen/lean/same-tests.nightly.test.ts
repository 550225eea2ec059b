import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

/** Tests of one engine, by day the official engine. The list has no tests that run both engines at once. */
const FILES = [
  '../../road/http/client-request.test.ts',
  '../../guest/node/http-client.test.ts',
  '../../road/http/undici-client.test.ts',
  '../../service/fastify/context.test.ts',
  '../../service/fastify/every-server.test.ts',
  '../../guest/node/http-server.test.ts',
  '../../service/fastify/options.test.ts',
  '../../service/fastify/outcome.test.ts',
  '../../service/fastify/plugin.test.ts',
  '../../service/fastify/request-lines.test.ts',
  '../../service/fastify/server-span.test.ts',
  '../../export/crash.system.test.ts',
  '../../road/delivery/durable-export.system.test.ts',
  '../../road/delivery/outage.system.test.ts',
  '../../road/delivery/shutdown.system.test.ts',
  '../../road/delivery/spool-faults.system.test.ts',
  '../../road/delivery/stalled-disk.system.test.ts',
  '../../../../../test/pair/waterfall.system.test.ts',
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
