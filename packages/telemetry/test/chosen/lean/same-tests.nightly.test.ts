import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

/** Tests of one engine, by day the official engine. The list has no tests that run both engines at once. */
const FILES = [
  '../../road/http/client-request.test.ts',
  '../../node/http-client.test.ts',
  '../../road/http/undici-client.test.ts',
  '../../fastify/context.test.ts',
  '../../fastify/every-server.test.ts',
  '../../node/http-server.test.ts',
  '../../fastify/options.test.ts',
  '../../fastify/outcome.test.ts',
  '../../fastify/plugin.test.ts',
  '../../fastify/request-lines.test.ts',
  '../../fastify/server-span.test.ts',
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
