import { splitTarget } from '../spans/http-url.ts';
import type { RequestTrace } from './server-span.ts';

/** What a router of Express 4 keeps of each function that it was given, as far as it is read. */
interface Layer {
  readonly name: string;
  readonly route?: { readonly path: unknown };
  readonly handle: Partial<Router>;
  /** Layers of Express 5 have neither of these, which are made of the path. */
  readonly keys?: readonly { readonly name: string | number }[];
  readonly regexp?: RegExp;
}
interface Router {
  readonly stack: readonly Layer[];
}
/** Reading `router` throws in Express 4. */
interface App {
  readonly parent?: App;
  readonly _router?: Router;
  readonly router?: Router;
}
interface Handled {
  readonly app?: App;
  readonly route?: Layer['route'];
  readonly originalUrl?: string;
}

/**
 * Names a span by the route that Express 4 leaves on its request, because Express 4 publishes nothing: by the place of the
 * route in the routers of its app. The name stays where that is behind a path that is no plain pattern, such as a list.
 */
export function setRouteLeft(requestTrace: RequestTrace): void {
  const { app, route, originalUrl = '' } = requestTrace.raw as Handled;
  if (requestTrace.route !== undefined || route === undefined || app === undefined) return;
  if (stackOf(app).length === 0) return;
  const apps = [app];
  for (let { parent } = app; parent !== undefined; parent = parent.parent) apps.unshift(parent);
  const found = patternTo(route, splitTarget(originalUrl).path, apps);
  if (found !== undefined) requestTrace.setRoute(found);
}

/** The pattern of a route below the first of these apps, each of which is mounted on the one before. */
function patternTo(
  route: Layer['route'],
  path: string,
  apps: readonly App[],
  stack = stackOf(apps[0]),
): string | undefined {
  for (const layer of stack) {
    const { regexp, handle } = layer;
    if (layer.route === route && regexp?.test(path) !== false) return String(route?.path);
    const isApp = layer.name === 'mounted_app';
    const inner = isApp ? stackOf(apps[1]) : handle.stack;
    const mount = inner && mountPattern(layer);
    const [taken] = mount === '' ? [''] : (mount && regexp?.exec(path)) || [];
    if (taken === undefined) continue;
    const rest = patternTo(route, path.slice(taken.length) || '/', isApp ? apps.slice(1) : apps, inner);
    if (rest !== undefined) return mount !== '' && rest === '/' ? mount : mount + rest;
  }
  return undefined;
}

function stackOf(app: App = {}): Router['stack'] {
  const { stack } = ('lazyrouter' in app ? app._router : app.router) ?? {};
  return Array.isArray(stack) ? stack : []; // other frameworks have an `app` as well
}

/** The path of a mount, read from its regular expression: `/users/:id`. Undefined for any other than plain ones. */
function mountPattern({ regexp, keys }: Layer): string | undefined {
  const names = (keys ?? []).values();
  const pattern = regexp?.source
    .replace(/^\^|(?:\\\/\?)?\(\?=\\\/\|\$\)$/g, '')
    .replace(
      /\(\?:(\\\/)?\(\[\^\\?\/\]\+\?\)\)(?!\?)/g,
      (_, slash = '') => `${slash}:${names.next().value?.name}`,
    );
  return pattern === undefined || /(?<!\\)[.()[\]{}?*+|^$]|\\\w/.test(pattern)
    ? undefined
    : pattern.replaceAll('\\', '');
}
