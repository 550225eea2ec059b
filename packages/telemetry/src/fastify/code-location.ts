import { fileURLToPath } from 'node:url';
import type { Attributes } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where the route was registered, as `locateRoutes` has noted it. */
    codeLocation?: Attributes;
  }
}

/** A line of a stack: a file's URL or path, line and column. */
const FRAME = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*):(\d+):\d+\)?$/;

/**
 * Notes for every route registered from now on which file and line registered it: the first place of the stack that is no
 * package's. https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/
 */
export function locateRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', function locateRoute(route) {
    const [, , ...callers] = (new Error().stack ?? '').split('\n'); // the message, and this function
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
}
