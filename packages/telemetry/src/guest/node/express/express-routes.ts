import type { TracedMessage } from '../../../road/http/server-span.ts';
import { traceOf } from '../../../road/http/server-span.ts';

/** The message of Express's package `router` for each function that handles a request. */
interface RouterMessage {
  readonly req: TracedMessage & { readonly baseUrl?: string; [MOUNTS]?: Mount[] };
  /** The matched pattern. */
  readonly route?: unknown;
  /** Only layers of a route have `method`. */
  readonly layer: { match(path: string): { readonly path: string } | false };
  readonly error?: unknown;
}

/** A router or middleware below a path. */
interface Mount {
  /** The start of the request's path, which Express hides from the router. */
  readonly base: string;
  readonly pattern: string;
  readonly layer: RouterMessage['layer'];
}

const MOUNTS: unique symbol = Symbol('tandem.express-mounts');

/** Names a SERVER span by the layers of Express 5 that handle the request: mounts, then the route. */
export function expressLayers({ req, route, layer }: RouterMessage): void {
  const requestTrace = traceOf(req);
  if (requestTrace === undefined) return;
  const { baseUrl = '' } = req;
  const isHandler = 'method' in layer;
  if (!isHandler && route !== '/') {
    req[MOUNTS] ??= [];
    req[MOUNTS].push({ base: baseUrl, pattern: String(route), layer });
  }
  const outer = patternOf(req[MOUNTS], baseUrl);
  const found = isHandler && (outer === '' || route !== '/') ? outer + String(route) : outer;
  if (found !== '') requestTrace.setRoute(found);
}

/** Keeps an error of a handler for a span with a 5xx. */
export function expressErrors({ req, error }: RouterMessage): void {
  traceOf(req)?.keepError(error);
}

/** The pattern of a mount's path: `/users/:id` for `/users/7`. The newest mount of a path counts. */
function patternOf(mounts: readonly Mount[] = [], base: string): string {
  const mount = base === '' ? undefined : mounts.findLast((each) => each.base === base);
  if (mount === undefined) return '';
  // A router may be mounted on another router.
  const outer = mounts.findLast(
    (each) => base.startsWith(`${each.base}/`) && takes(mount.layer, base.slice(each.base.length)),
  );
  return (outer === undefined ? '' : patternOf(mounts, outer.base)) + mount.pattern;
}

function takes(layer: RouterMessage['layer'], path: string): boolean {
  const match = layer.match(path);
  return match !== false && match.path === path;
}
