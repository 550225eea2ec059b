import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { temporaryExplorer } from '../../packages/trace-explorer/test/explorer.ts';
import { buildTestApp as buildActivitiesApi } from '../../services/activities-api/test/build-test-app.ts';
import { buildTestApp as buildUserLookup } from '../../services/user-lookup/test/build-test-app.ts';

/** An operation of an OpenAPI document, as far as it is looked at. */
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses?: Readonly<Record<string, { readonly content?: object }>>;
}

interface Route {
  readonly method: string;
  /** As OpenAPI has it: `/api/users/{handle}`. */
  readonly path: string;
  readonly isHidden: boolean;
}

for (const [name, build] of [
  ['activities-api', () => buildActivitiesApi()],
  ['user-lookup', () => buildUserLookup()],
  ['explorer', async (t: Test) => (await temporaryExplorer(t)).app],
] as const) {
  t.test(`${name}: every route is documented, with a summary and what it answers`, async (t) => {
    const { app, routes } = await withRoutes(() => build(t));
    t.teardown(() => app.close());
    t.strictSame(await findGaps(app, routes), []);
    const documented = routes.filter(({ isHidden }) => !isHidden).map(({ path }) => path);
    t.ok(documented.includes('/health/live'), 'the routes are those of the application');
  });
}

t.test('a route that the documentation lacks is named', async (t) => {
  const { app, routes } = await withRoutes(() => buildUserLookup());
  t.teardown(() => app.close());
  const added: Route[] = [
    { method: 'get', path: '/api/users/new', isHidden: false },
    { method: 'get', path: '/api/users/secret', isHidden: true },
  ];
  t.strictSame(await findGaps(app, [...routes, ...added]), [
    'get /api/users/new is not in the document',
    'get /api/users/secret is part of the API, but hidden',
  ]);
  const others = routes.filter(({ path }) => path !== '/api/users/search');
  t.strictSame(await findGaps(app, others), ['get /api/users/search is in the document, but no route']);
});

/** Builds an app and lists the routes that Fastify registered meanwhile. */
async function withRoutes(
  build: () => Promise<FastifyInstance>,
): Promise<{ app: FastifyInstance; routes: readonly Route[] }> {
  const routesOf = new Map<FastifyInstance, Route[]>();
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    const routes: Route[] = [];
    routesOf.set(fastify, routes);
    fastify.addHook('onRoute', (route) => {
      const isHidden = (route.schema as { hide?: boolean } | undefined)?.hide === true;
      const path = route.url.replace(/:(\w+)/g, '{$1}');
      for (const method of [route.method].flat())
        routes.push({ method: method.toLowerCase(), path, isHidden });
    });
  };
  subscribe('fastify.initialization', watch);
  try {
    const app = await build();
    await app.ready();
    // Each GET has a HEAD, and OPTIONS is the catch-all of CORS.
    const routes = routesOf.get(app)?.filter(({ method }) => method !== 'head' && method !== 'options');
    return { app, routes: routes ?? [] };
  } finally {
    unsubscribe('fastify.initialization', watch);
  }
}

/** Routes that an app's OpenAPI document lacks, and routes that only the document has, one line each. */
async function findGaps(app: FastifyInstance, routes: readonly Route[]): Promise<string[]> {
  const { paths } = (await app.inject('/documentation/json')).json() as {
    paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const missing = routes.flatMap(({ method, path, isHidden }) => {
    const route = `${method} ${path}`;
    if (isHidden)
      return /^\/(?:api|1|health)\//.test(path) ? [`${route} is part of the API, but hidden`] : [];
    const operation = paths[path]?.[method];
    return operation === undefined ? [`${route} is not in the document`] : findOmissions(route, operation);
  });
  const known = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  const surplus = Object.entries(paths)
    .flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method} ${path}`))
    .filter((route) => !known.has(route));
  return [...missing, ...surplus.map((route) => `${route} is in the document, but no route`)];
}

function findOmissions(route: string, { summary, tags = [], responses = {} }: Operation): string[] {
  // 404: a route that is there to say where else the thing is.
  const answers = Object.entries(responses).some(
    ([status, { content }]) => status === '204' || (/^(?:2|404)/.test(status) && content !== undefined),
  );
  return [
    ...(summary === undefined ? [`${route} has no summary`] : []),
    ...(tags.length === 0 ? [`${route} has no tag`] : []),
    ...(answers ? [] : [`${route} does not say what it answers`]),
  ];
}
