import { createRequire } from 'node:module';
import type * as Instrumentation from '@opentelemetry/instrumentation-fastify';
import type { FastifyInstance } from 'fastify';
import type * as Hooks from 'import-in-the-middle/register-hooks.mjs';
import { loadFor } from '../opentelemetry/optional-package.ts';

const SETTING = 'TRACE_FASTIFY_LIFECYCLE';

/**
 * Makes an INTERNAL span of every hook and handler of Fastify, with instrumentation-fastify: for looking at where a
 * request spends its time, not for always; the way back is a restart.
 *
 * Call it before anything imports fastify, as `node --import @tandem/telemetry/register` does. Apps have to use
 * fastify's default export: the instrumentation leaves the named one as it is.
 *
 * @throws Error when fastify is loaded already: its instances would have no such spans; and when the instrumentation is
 *   not installed, or import-in-the-middle, by which it hears of modules
 */
export function traceFastifyLifecycle(): void {
  const require = createRequire(import.meta.url);
  if (require.cache[require.resolve('fastify')] !== undefined) {
    throw new Error(
      `${SETTING} comes too late: fastify was imported before the telemetry. ` +
        'Start the process with `node --import @tandem/telemetry/register`.',
    );
  }
  const { register } = loadFor<typeof Hooks>(SETTING, 'import-in-the-middle/register-hooks.mjs');
  const { FastifyInstrumentation } = loadFor<typeof Instrumentation>(
    SETTING,
    '@opentelemetry/instrumentation-fastify',
  );
  // Hooks in this thread: 4 ms at start, where the loader thread that the instrumentation documents took 95 ms.
  register({ include: ['fastify'] });
  new FastifyInstrumentation();
}

type AddHook = FastifyInstance['addHook'];

/**
 * `app.addHook` as Fastify made it. With lifecycle spans on, instrumentation-fastify has wrapped it to make a span
 * around each hook: around the hook that starts the SERVER span, that one would be a trace of its own.
 */
export function unwrappedAddHook(app: FastifyInstance): AddHook {
  const addHook: AddHook & { __original?: AddHook } = app.addHook;
  return (addHook.__original ?? addHook).bind(app) as AddHook;
}
