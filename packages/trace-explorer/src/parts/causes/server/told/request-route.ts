import { saysNothing } from '../../../../core/traces/findings/words.ts';
import { pathShape, shapedName } from '../../../../core/traces/model/shapes.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';

/** The name of a request. A server without routes says only the method: the path that was called is added, without ids. */
export function routeOf(model: TraceModel, index: number): string {
  const name = model.name(index);
  const path = /^[^/]*(\/.*)$/.exec(model.target(model.parent[index] ?? -1) ?? '')?.[1];
  if (!saysNothing(name)) return name;
  return path === undefined ? shapedName(name, model.shape(index)) : `${name} ${pathShape(path)}`;
}

/** The request that answers a call. */
export function answerOf(model: TraceModel, index: number): number | undefined {
  // From child to child: with the spans below them, a chain of calls would be read once for each of its calls.
  const end = model.end[index] ?? 0;
  for (let child = index + 1; child < end; child = model.end[child] ?? end)
    if (model.kind(child) === 'server') return child;
  return undefined;
}

/** A parameter of a route, as frameworks write it: `:id`, `:id(\\d+)?`, `{id}`, `[id]`, `[...path]`, `<int:id>`. */
const PARAMETER =
  /:\w{1,100}(?:\([^()]{0,100}\))?[?+*]?|\{[^{}]{1,100}\}|\[{1,2}\.{0,3}[\w-]{1,100}\]{1,2}|<[^<>]{1,100}>/g;

/** A route by what its parameters stand for, not by their names. @example routeShape('GET /orders/:id') // 'GET /orders/:' */
export function routeShape(route: string): string {
  const at = route.indexOf('/');
  return at < 0 ? route : route.slice(0, at) + route.slice(at).replace(PARAMETER, ':');
}
