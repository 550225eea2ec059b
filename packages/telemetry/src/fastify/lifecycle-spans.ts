import type * as Instrumentation from '@opentelemetry/instrumentation-fastify';
import type * as Hooks from 'import-in-the-middle/register-hooks.mjs';
import { ownRequire } from '../settings/optional-package.ts';

const SETTING = 'TRACE_FASTIFY_LIFECYCLE';

/**
 * Makes an INTERNAL span of every hook and handler of Fastify, with instrumentation-fastify, to look at a service for a
 * while. Only a restart ends these spans.
 *
 * Call the function before anything imports fastify, as `node --import @tandem/telemetry/register` does. Apps have to use
 * fastify's default export, because the instrumentation does not change the named export.
 *
 * @throws Error when fastify is loaded already, because instances of this fastify would have no such spans; when the
 *   instrumentation, or its import-in-the-middle, is not installed; and when Node is too old for them
 */
export function traceFastifyLifecycle(): void {
  if (ownRequire.cache[ownRequire.resolve('fastify')] !== undefined) {
    throw new Error(
      `${SETTING} comes too late: fastify was imported before the telemetry. ` +
        'Start the process with `node --import @tandem/telemetry/register`.',
    );
  }
  const { register, supportsSyncHooks } = loadPackage<typeof Hooks>(
    'import-in-the-middle/register-hooks.mjs',
  );
  if (!supportsSyncHooks())
    throw new Error(`${SETTING} needs Node 22.22.3, 24.11.1 or newer. This is ${process.versions.node}.`);
  const { FastifyInstrumentation } = loadPackage<typeof Instrumentation>(
    '@opentelemetry/instrumentation-fastify',
  );
  // Hooks in this thread take 4 ms at start. The instrumentation's documented loader thread took 95 ms.
  register({ include: ['fastify'] });
  new FastifyInstrumentation();
}

/** Loads a package that the setting needs. @throws Error that names the package to install */
export function loadPackage<T>(name: string): T {
  try {
    return ownRequire(name) as T;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'MODULE_NOT_FOUND') throw error;
    const [packageName] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [];
    throw new Error(`${SETTING} needs a package: \`npm install ${packageName}\`.`);
  }
}
