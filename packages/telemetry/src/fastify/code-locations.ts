import { fileURLToPath } from 'node:url';
import type { Attributes } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { TracedRequest } from '../report/log-mixin.ts';
import { REQUEST_TRACE } from '../report/log-mixin.ts';
import { unwrappedAddHook } from './add-hook.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** File and line that registered the route, from `codeLocations`. */
    codeLocation?: Attributes;
  }
}

/**
 * Fastify plugin for development: SERVER spans name the file and line that registered their route (`code.file.path`,
 * `code.line.number`, `code.function.name`). Paths are paths of this machine. Register the plugin after `fastifyTracing`
 * and before the routes. https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/
 *
 * @example
 * await app.register(fastifyTracing);
 * if (process.env.NODE_ENV === 'development') await app.register(codeLocations);
 */
export const codeLocations = fastifyPlugin(registerCodeLocations, {
  fastify: '>=5',
  name: '@tandem/telemetry/code-locations',
});

/** A line of a stack: a file's URL or path, line and column. */
const FRAME = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*):(\d+):\d+\)?$/;

function registerCodeLocations(app: FastifyInstance, _options: object, done: () => void): void {
  app.addHook('onRoute', function locateRoute(route) {
    const [, , ...callers] = (new Error().stack ?? '').split('\n'); // the message, and this function
    // The first file that belongs to no package.
    const caller = callers.find((line) => !line.includes('node_modules') && FRAME.test(line));
    const [, file = '', line] = FRAME.exec(caller ?? '') ?? [];
    if (file === '') return;
    const codeLocation: Attributes = {
      'code.file.path': file.startsWith('file:') ? fileURLToPath(file) : file,
      'code.line.number': Number(line),
      ...(route.handler.name !== '' && { 'code.function.name': route.handler.name }),
    };
    route.config = { ...route.config, codeLocation };
  });
  unwrappedAddHook(app)('onRequest', function setCodeLocation(request, _reply, next) {
    const { codeLocation } = request.routeOptions.config;
    if (codeLocation !== undefined)
      (request as Partial<TracedRequest>)[REQUEST_TRACE]?.()?.span.setAttributes(codeLocation);
    next();
  });
  done();
}
