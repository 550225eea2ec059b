import { splitTarget } from '../../../road/http/http-url.ts';
import type { RequestTrace } from '../../../road/http/server-span.ts';

/** The read parts of a layer, which an Express 4 router keeps for each given function. */
interface Layer {
  readonly name: string;
  readonly route?: { readonly path: unknown };
  readonly handle: Partial<Router>;
  /** Layers of Express 5 have no `regexp` and no `keys`, which Express 4 makes of the path. */
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
 * Names a span by the route that Express 4 leaves on the request, and by the place of the route in the app's routers.
 * Express 4 publishes nothing. The name stays when a path on the way is not a plain pattern, such as a list.
 */
export function setRouteLeft(requestTrace: RequestTrace): void {
  const { app, route, originalUrl = '' } = requestTrace.raw as Handled;
  if (app === undefined || stackOf(app).length === 0) return;
  const apps = [app];
  for (let { parent } = app; parent !== undefined; parent = parent.parent) apps.unshift(parent);
  const found = patternTo(route, splitTarget(originalUrl).path, apps);
  if (found !== undefined) requestTrace.setRoute(found);
}

/** The pattern of a route below the first app. Each further app is mounted on the app before. */
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
  return Array.isArray(stack) ? stack : []; // other frameworks have an `app`, too
}

/**
 * The parts that path-to-regexp 0.1 puts around the path of a mount: `^` before, `\/?(?=\/|$)` behind. `app.use('/users/:id', …)`
 * becomes `^\/users\/(?:([^\/]+?))\/?(?=\/|$)`.
 */
const AROUND = /^\^|(?:\\\/\?)?\(\?=\\\/\|\$\)$/g;

/** A parameter of a path: `(?:([^\/]+?))`, in newer versions with its slash. With `?` behind, it may be missing. */
const PARAMETER = /\(\?:(\\\/)?\(\[\^\\?\/\]\+\?\)\)(?!\?)/g;

/** Parts of a regular expression that are not plain text: the path had a pattern of its own. */
const PATTERN = /(?<!\\)[.()[\]{}?*+|^$]|\\\w/;

/** The path of a mount, read from its regular expression: `/users/:id`. Undefined unless the path is plain. */
function mountPattern({ regexp, keys }: Layer): string | undefined {
  const names = (keys ?? []).values();
  const path = regexp?.source
    .replace(AROUND, '')
    .replace(PARAMETER, (_, slash = '') => `${slash}:${names.next().value?.name}`);
  return path === undefined || PATTERN.test(path) ? undefined : path.replaceAll('\\', '');
}
