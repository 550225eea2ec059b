import { getOrMake } from '../../lib/get-or-make.ts';
import { LEAST_FOR_P95 } from '../query/build/slow-routes.ts';
import { isRequest } from '../traces/findings/facts.ts';
import { routeOf, saysNothing } from '../traces/findings/words.ts';
import type { CodePlace } from '../traces/model/code-place.ts';
import { fileKey, placeText } from '../traces/model/code-place.ts';
import { calledHost, ID, pathShape } from '../traces/model/shapes.ts';
import { stallsOf, starvedFor } from '../traces/model/stalls.ts';
import type { TraceModel } from '../traces/model/trace-model.ts';
import type { Occurrence } from './occurrences.ts';
import { problemId } from './problem-key.ts';
import { isPlain } from './said.ts';
import type { Unit } from './units.ts';
import { unitOf } from './units.ts';
import type { Tallied } from './worse.ts';

const known = new WeakMap<TraceModel, Int32Array>();

/** What each span is a part of: the request or message that is the span itself or the nearest one above; without one, the root. */
export function wholesOf(model: TraceModel): Int32Array {
  return getOrMake(known, model, () => {
    const wholes = new Int32Array(model.count);
    for (let index = 0; index < model.count; index++) {
      const up = model.parent[index] ?? -1;
      wholes[index] = up < 0 || isRequest(model, index) ? index : (wholes[up] ?? index);
    }
    return wholes;
  });
}

/** What a span is counted as. */
export interface UnitSpan {
  readonly unit: Unit;
  /** The span of the request, message or job in its trace; -1 for a test's own work. */
  readonly index: number;
  readonly spanId: string;
  readonly service: string;
  /** Of a request or message its name; of what is none the name of its span. */
  readonly route: string;
  /** Whether it is a request or a message. */
  readonly isRequest: boolean;
}

/** What a span is counted as. @param told another span, which speaks of it: its request, message or job has the span */
export function unitAt(model: TraceModel, index: number, told = index): UnitSpan {
  const wholes = wholesOf(model);
  const [own, other] = [wholes[index] ?? 0, wholes[told] ?? 0];
  const whole = unitOf(model.kind(other)) === 'trace' ? own : other;
  return {
    unit: unitOf(model.kind(whole)),
    index: whole,
    spanId: model.spanId(whole),
    service: model.service(whole),
    route: routeOf(model, whole),
    isRequest: isRequest(model, whole),
  };
}

/** The unit of each request, message and job of a trace. */
export function* unitsIn(model: TraceModel): Generator<Unit> {
  for (const [index, whole] of wholesOf(model).entries())
    if (whole === index) yield unitOf(model.kind(index));
}

/** Calls that are alike are compared where at least so many are known; and where so many of the requests waited for a processor. */
const LEAST_ALIKE = 5;
const LEAST_STARVED = 0.05;
/** Nanoseconds: with a processor, a turn of less is no stall. */
export const LEAST_STALL_NS = 20e6;

/** What is known of some traces beside their problems: their requests by route, which of them waited, and how long calls take. */
export class Requests {
  readonly #ofRoute = new Map<string, number>();
  readonly #calls = new Map<string, number[]>();
  /** How many there are. */
  count = 0;
  #starved = 0;

  add(model: TraceModel): void {
    for (let index = 0; index < model.count; index++)
      if (isRequest(model, index)) {
        const route = routeIn(model.service(index), routeOf(model, index));
        this.#ofRoute.set(route, (this.#ofRoute.get(route) ?? 0) + 1);
        this.count += 1;
        if (starvedFor(model, index) >= LEAST_STALL_NS) this.#starved += 1;
      } else if (model.kind(index) === 'client' && model.error[index] !== 1)
        getOrMake(this.#calls, alikeKey(model, index), (): number[] => []).push(model.length[index] ?? 0);
  }

  /** How many requests the routes of some units have. */
  ofRoutes(units: Iterable<Pick<UnitSpan, 'service' | 'route'>>): number {
    const routes = new Set(Array.from(units, ({ service, route }) => routeIn(service, route)));
    return [...routes].reduce((sum, route) => sum + (this.#ofRoute.get(route) ?? 0), 0);
  }

  /** Nanoseconds that calls like one take, where requests waited for a processor; undefined where these, or calls, are too few. */
  usual(alike: string): number | undefined {
    const calls = this.#calls.get(alike) ?? [];
    const isBusy = this.count > 0 && this.#starved >= LEAST_STARVED * this.count;
    return isBusy && calls.length >= LEAST_ALIKE ? medianOf(calls) : undefined;
  }
}

function routeIn(service: string, route: string): string {
  return `${service}\n${route}`;
}

/** Equal for calls of one service that ask one address for the same, but for its values. */
export function alikeKey(model: TraceModel, index: number): string {
  const host = calledHost(model.target(index) ?? '') ?? '';
  return [model.service(index), model.name(index), host, model.shape(index) ?? ''].join('\n');
}

/** The middle one of some numbers; of an even number of them the larger one. */
export function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

/** A request by its route, and a call by its host, if its name is a method alone; one that nothing made by its address. */
export function nameIn(model: TraceModel, index: number): string {
  if (model.kind(index) === 'server') return routeOf(model, index);
  const [name, target = ''] = [model.name(index), model.target(index)];
  if (model.parent[index] !== -1 || !saysNothing(name)) return calledName(model, index);
  return `${name} ${target.replace(/\/.*/s, pathShape)}`.trimEnd();
}

/** A call by its name, and where this is a method alone, by its host. */
export function calledName(model: TraceModel, index: number): string {
  const name = model.name(index);
  return saysNothing(name) ? `${name} ${calledHost(model.target(index) ?? '')}`.trimEnd() : name;
}

/** A time of a process, in nanoseconds since the epoch, as exact as a double tells them. */
export interface ProcessTime {
  readonly service: string;
  readonly from: number;
  readonly until: number;
}

/** When the process of a span stood still meanwhile. */
export function stallsAt(model: TraceModel, index: number): readonly ProcessTime[] {
  const [start, service] = [Number(model.start), model.service(index)];
  return stallsOf(model, index).map(({ from, until }) => ({
    service,
    from: start + from,
    until: start + until,
  }));
}

/** A parameter of a route, as frameworks write it: `:id`, `:id(\\d+)?`, `{id}`, `[id]`, `[...path]`, `<int:id>`. */
const PARAMETER =
  /:\w{1,100}(?:\([^()]{0,100}\))?[?+*]?|\{[^{}]{1,100}\}|\[{1,2}\.{0,3}[\w-]{1,100}\]{1,2}|<[^<>]{1,100}>/g;

/** A route by what its parameters stand for, not by their names. @example routeShape('GET /orders/:id') // 'GET /orders/:' */
export function routeShape(route: string): string {
  const at = route.indexOf('/');
  return at < 0 ? route : route.slice(0, at) + route.slice(at).replace(PARAMETER, ':');
}

// A server of node:http, Koa or Hono may name no routes. What it calls `/users/ann` and `/users/bob` is one route for who wrote it.

/** What is asked of an occurrence. */
type Asked = Pick<Occurrence, 'key' | 'name' | 'unit' | 'place' | 'isThrown' | 'shown'>;

/**
 * The one route of some requests that fail on one line, with `:id` for the part in which their paths differ.
 * @returns undefined where that is in doubt: where a route has a name, no line is known, or the paths differ in more
 * @example routeOfAll(occurrences) // 'GET /users/:id', of `GET /users/ann` and `GET /users/bob`
 */
export function routeOfAll(occurrences: readonly Asked[]): string | undefined {
  return routesOfAll(occurrences).find(([key]) => key !== undefined)?.[1];
}

/** Problems, of which those of one route are one. @param joined the one, from several of one route */
export function joinRoutes<T extends Tallied>(
  all: readonly T[],
  joined: (problems: readonly [T, ...T[]], route: string) => T,
): T[] {
  const left = new Map(all.map((problem) => [problem, routesOfAll(problem.occurrences)]));
  // Ids stand rather at the end of a path: that part is tried first, so that the order of the problems decides nothing.
  const most = Math.max(0, ...Array.from(left.values(), ({ length }) => length));
  const ones = new Map<T, T>();
  for (let part = 0; part < most; part++)
    for (const alike of Map.groupBy(left, ([, routes]) => routes[part]?.[0]).values()) {
      const [[first, routes] = [], ...others] = alike;
      const [, route = ''] = routes?.[part] ?? [];
      if (first === undefined || route === '' || others.length === 0) continue;
      const problems = [first, ...others.map(([problem]) => problem)] as const;
      ones.set(first, joined(problems, route));
      for (const problem of problems) left.delete(problem);
    }
  return all.flatMap((problem) => ones.get(problem) ?? (left.has(problem) ? problem : []));
}

/** One of them is equal for problems of two runs that are one: lines move between runs, and functions stay. */
export function routeKeysOf(occurrences: readonly Asked[]): readonly string[] {
  const ofFunction = ({ file, line, function: called }: CodePlace) => `${fileKey(file)} ${called ?? line}`;
  return routesOfAll(occurrences, ofFunction).flatMap(([key]) => key ?? []);
}

type PlaceOf = (place: CodePlace) => string;
const lineKey: PlaceOf = (place) => placeText({ ...place, file: fileKey(place.file) });

/** A route that requests may have: what is equal for those of one problem, and its name. Without both it is in doubt. */
type MaybeRoute = readonly [key?: string, route?: string];
const NONE: MaybeRoute = [];

/** The routes that a problem may be of, by the part that differs, the last one first. */
function routesOfAll(occurrences: readonly Asked[], placeOf: PlaceOf = lineKey): readonly MaybeRoute[] {
  const [first = [], ...others] = occurrences.map((each) => routesOf(each, placeOf));
  return first.map((route, part) => (others.every((own) => own[part]?.[0] === route[0]) ? route : NONE));
}

function routesOf({ key, name, unit, place, isThrown, shown }: Asked, placeOf: PlaceOf): MaybeRoute[] {
  const [, method, path = ''] = /^([A-Z]+) (\/.*)$/s.exec(name) ?? [];
  if (key.kind !== 'server' || method !== key.name || name !== unit.route) return [];
  // The line of a call is that of many routes; and a finding has words of its own.
  if (!isThrown || place?.line === undefined) return [];
  if (!isPlain({ rule: key.rule, ...(shown !== undefined && { finding: shown }) })) return [];
  const parts = path.split('/');
  const routes = parts.map((part, at): MaybeRoute => {
    const others = parts.toSpliced(at, 1).filter((other) => other !== '' && other !== ID);
    // A version is no id, a list none of its members, and the paths of one route begin or end alike.
    if (part === '' || /^v\d+$/.test(part) || others.length === 0) return NONE;
    const route = `${method} ${parts.with(at, ID).join('/')}`;
    return [JSON.stringify([problemId(key), placeOf(place), at, route]), route];
  });
  return routes.reverse();
}

/** How slow a route is: its 95th percentile, or of few requests the slowest one, of so many. */
export interface Slowness {
  readonly slow_ms: number;
  readonly slow_of?: number;
}

/** How slow a route is, wherever routes are told slowest first. @param of the requests that these times are of */
export function slownessOf({
  of,
  p95_ms,
  slowest_ms,
}: Readonly<Record<'of' | 'p95_ms' | 'slowest_ms', number>>): Slowness {
  // Microseconds are as exact as a person reads.
  const rounded = (ms: number) => Math.round(ms * 1e3) / 1e3;
  return of < LEAST_FOR_P95 ? { slow_ms: rounded(slowest_ms), slow_of: of } : { slow_ms: rounded(p95_ms) };
}

/** The order of routes, the slowest first. */
export function bySlowness(a: Pick<Slowness, 'slow_ms'>, b: typeof a): number {
  return b.slow_ms - a.slow_ms;
}
