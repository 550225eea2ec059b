import type { Attributes } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { TracedRequest } from '../../road/logs/log-mixin.ts';
import { REQUEST_TRACE } from '../../road/logs/log-mixin.ts';
import { unwrappedAddHook } from '../../service/fastify/add-hook.ts';
import { lookUp } from './app-place.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** File and line that registered the route, from `codeLocations`. */
    codeLocation?: Attributes;
  }
}

/**
 * Fastify plugin for development: SERVER spans name the file and line that registered their route (`code.file.path`,
 * `code.line.number`, `code.function.name`). With TRACE_CODE_LOCATIONS each server has it. Register the plugin after
 * `fastifyTracing` and before the routes. https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/
 *
 * @example
 * await app.register(fastifyTracing);
 * if (process.env.NODE_ENV === 'development') await app.register(codeLocations);
 */
export const codeLocations = fastifyPlugin(registerCodeLocations, {
  fastify: '>=5',
  name: '@tandem/telemetry/code-locations',
});

function registerCodeLocations(app: FastifyInstance, _options: object, done: () => void): void {
  locateRoutes(app);
  done();
}

/** Between the hook and whoever registers a route. A route of another package's has no line in the app. */
const FASTIFY = /[\\/]node_modules[\\/]fastify[\\/]/;

/** Names the line of each later route of a server on the route's SERVER spans. */
export function locateRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', function locateRoute(route) {
    const { place } = route.config?.codeLocation === undefined ? lookUp(undefined, FASTIFY) : {};
    if (place === undefined) return;
    const { name } = route.handler;
    const codeLocation = () => ({ ...place.attributes, 'code.function.name': name || undefined });
    route.config = {
      ...route.config,
      get codeLocation() {
        return codeLocation();
      },
    };
  });
  unwrappedAddHook(app)('onRequest', function setCodeLocation(request, _reply, next) {
    const { codeLocation } = request.routeOptions.config;
    if (codeLocation !== undefined)
      (request as Partial<TracedRequest>)[REQUEST_TRACE]?.()?.span.setAttributes(codeLocation);
    next();
  });
}
