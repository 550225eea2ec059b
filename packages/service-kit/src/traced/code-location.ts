import type { Attributes, Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { locateFunctions } from '../process/locate-functions.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where the route's handler is written. */
    codeLocation?: Attributes;
  }
}

/**
 * Finds out where the handlers of all routes registered from now on are written. The paths are those of this machine, so
 * it is for development: from a span to the line that it comes from.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/
 * @returns writes it onto a request's SERVER span
 */
export function locateHandlers(app: FastifyInstance): (span: Span, request: FastifyRequest) => void {
  const handlers: { readonly handler: (...args: never[]) => unknown; readonly attributes: Attributes }[] = [];
  app.addHook('onRoute', (route) => {
    const attributes: Attributes = {};
    route.config = { ...route.config, codeLocation: attributes };
    handlers.push({ handler: route.handler, attributes });
  });
  app.addHook('onReady', async function locate() {
    const locations = locateFunctions(handlers.map(({ handler }) => handler));
    handlers.forEach(({ handler, attributes }, index) => {
      const location = locations[index];
      if (location === undefined) return;
      attributes['code.file.path'] = location.file;
      attributes['code.line.number'] = location.line;
      if (handler.name !== '') attributes['code.function.name'] = handler.name;
    });
  });
  return (span, { routeOptions }) => {
    const { codeLocation } = routeOptions.config;
    if (codeLocation !== undefined) span.setAttributes(codeLocation);
  };
}
