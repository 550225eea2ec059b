import type { FastifyInstance } from 'fastify';
import { originForm } from './request-target.ts';

interface RoutePattern {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Knows which methods a path has routes for; asked only where no route matched, to tell 405 from 404. */
export class AllowedMethods {
  readonly #routes = new Map<string, RoutePattern>();

  /** Records every route that is registered from now on. */
  watch(app: FastifyInstance): void {
    app.addHook('onRoute', (route) => {
      if (route.method === 'OPTIONS') return; // the CORS plugin's catch-all is not a route of the API
      const known = this.#routes.get(route.url) ?? { pattern: toRegExp(route.url), methods: new Set() };
      for (const method of [route.method].flat()) known.methods.add(method);
      this.#routes.set(route.url, known);
    });
  }

  /** Methods that the URL's path answers to, sorted; none where no route has this path. */
  of(url: string): string[] {
    const [path = ''] = originForm(url).split('?', 1);
    const found = new Set<string>();
    for (const { pattern, methods } of this.#routes.values()) {
      if (pattern.test(path)) for (const method of methods) found.add(method);
    }
    return [...found].sort();
  }
}

/** `/api/activities/@:handle` → a whole-path pattern; `*` only stands at the end. */
function toRegExp(route: string): RegExp {
  const source = route
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z_]+/g, '[^/]+')
    .replace(/\*$/, '.*');
  return new RegExp(`^${source}$`);
}
