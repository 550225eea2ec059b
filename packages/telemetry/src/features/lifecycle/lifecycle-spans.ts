import type { Span } from '@opentelemetry/api';
import type * as Instrumentation from '@opentelemetry/instrumentation-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type * as Hooks from 'import-in-the-middle/register-hooks.mjs';
import { listenTo } from '../../common/channels.ts';
import { libraryOf } from '../../common/installed-package.ts';
import { quietly } from '../../common/quietly.ts';
import { ownRequire } from '../../process/load.ts';

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
  listenTo<{ readonly fastify: FastifyInstance }>({
    'fastify.initialization': ({ fastify }) => fastify.addHook('onRequest', endWithHijack),
  });
}

/** The instrumentation's name for the open spans of a reply. */
const OPEN_SPANS = 'opentelemetry.instrumentation.fastify.request_active_span';

/**
 * The instrumentation ends the span of a handler when Fastify sends its answer. A hijacked reply, as @fastify/websocket makes
 * it, is none of Fastify's: its spans end with the answer, and those of an upgraded connection, which may stay for days, at once.
 */
function endWithHijack(request: unknown, reply: FastifyReply, done: () => void): void {
  const { hijack } = reply;
  reply.hijack = function (this: FastifyReply) {
    quietly(() => {
      if (Object(request).raw?.headers?.upgrade !== undefined) endOpenSpans(reply);
      else reply.raw.once('close', () => quietly(() => endOpenSpans(reply)));
    });
    return hijack.call(this);
  };
  done();
}

function endOpenSpans(reply: FastifyReply): void {
  const key = Object.getOwnPropertySymbols(reply).find(({ description }) => description === OPEN_SPANS);
  if (key === undefined) return;
  const spans: Span[] = Reflect.get(reply, key);
  for (const span of spans) span.end();
  Reflect.deleteProperty(reply, key);
}

/** Loads a package that the setting needs. @throws Error that names the package to install */
export function loadPackage<T>(name: string): T {
  try {
    return ownRequire(name) as T;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(`${SETTING} needs a package: \`npm install ${libraryOf(name)}\`.`);
  }
}
