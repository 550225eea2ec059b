import { isRequest } from '../../../core/traces/findings/facts.ts';
import { saysNothing } from '../../../core/traces/findings/words.ts';
import { errorMessage } from '../../../core/traces/model/error-origins.ts';
import { starvedFor } from '../../../core/traces/model/stalls.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { categoryOf } from '../../causes/server/about.ts';
import { keyOfId } from '../../causes/server/cause-key.ts';
import { causesAmong } from '../../causes/server/causes-of.ts';
import type { Kinds } from '../../causes/server/known/sighted.ts';
import { addKind } from '../../causes/server/known/sighted.ts';
import type { Cause } from '../../causes/server/schemas.ts';
import { ERROR } from '../../causes/server/schemas.ts';
import type { Sighting } from '../../causes/server/sightings.ts';
import { placesIn } from '../../causes/server/sightings.ts';
import { routeOf } from '../../causes/server/told/request-route.ts';
import type { Unit } from '../../causes/units.ts';
import { unitOf as countedAs } from '../../causes/units.ts';
import type { CodePlace } from './code-place.ts';
import { codePlace } from './code-place.ts';
import { OUTSIDE, routeKey } from './operations.ts';
import type { ProcessTime } from './warm-up.ts';
import { stallsAt } from './warm-up.ts';

/** A request, message or job that shows a cause; or a test, whose own work does. */
export interface Sight {
  /** The key of the request's route; empty for the work of a test or of a job. */
  readonly route: string;
  readonly unit: Unit;
  /** Whether it was the first of its route in the run, which compiles and connects. */
  readonly isFirst: boolean;
  /** Where its process stood still, if the cause is about this; and whether it waited for a processor then. */
  readonly stalls: readonly ProcessTime[];
  readonly isStarved: boolean;
  /** Whether it is below the limits: it counts where another sight has the cause in full. */
  readonly isSmall: boolean;
  /** Its name, if it only waited for the request to blame. */
  readonly victim?: string | undefined;
  /** As this trace alone tells it. */
  readonly cause: Cause;
  /** The message of an error, with its ids and numbers; empty for others. */
  readonly message: string;
  /** The places in code of the spans to blame. */
  readonly places: readonly CodePlace[];
}

/** A cause, the request that shows it, and all sights of it. */
export interface SeenCause {
  cause: Cause;
  route: string;
  readonly sights: Sight[];
  readonly kinds: Kinds;
}

/**
 * The places of a trace's spans:
 *
 *     cart › adds          own: a test         whole: itself
 *     ├─ SELECT users      owner: cart › adds  whole: the test, whose own work it is
 *     └─ POST /orders      owner: cart › adds  whole: itself
 *        └─ INSERT orders  owner: cart › adds  whole: POST /orders
 */
interface Placed {
  /** The keys of the tests that spans belong to. */
  readonly owners: readonly string[];
  /** Of spans that are tests or suites themselves: what they are. */
  readonly own: readonly unknown[];
  /** What each span is a part of, as `wholesOf` says. */
  readonly wholes: Int32Array;
  /** The requests that are the first of their route. */
  readonly firsts: ReadonlySet<number>;
  /** Ids of spans that were open when the command was stopped. */
  readonly stopped: ReadonlySet<string>;
}

type Causes = Map<string, SeenCause>;

const CALLS: ReadonlySet<string> = new Set(['client', 'producer']);

/**
 * Adds causes of requests, and of jobs that are no request, to their tests. A failing test is told as a test. Of the work of a
 * test alone only errors are kept, apart: not an answer of 4xx, which the test has asked for. Nothing is kept of a request that
 * was open when the command was stopped.
 */
export function addCauses(
  tests: ReadonlyMap<string, { readonly causes: Causes; readonly ownErrors: Causes }>,
  model: TraceModel,
  { owners, own, wholes, firsts, stopped }: Placed,
): void {
  const isCallAlone = CALLS.has(model.kind(0)) && wholes.every((whole) => !isRequest(model, whole));
  if (isCallAlone) return;
  for (const { isSmall, victim, ...cause } of causesAmong(model)) {
    const about = categoryOf(cause.rule);
    if (about === 'telemetry') continue;
    const places = placesIn(model, cause.id).filter(({ index }) => own[index] === undefined);
    const told = requestsTold(places);
    for (const [unit, found] of Map.groupBy(places, ({ index }) => told.get(index) ?? unitOf(index))) {
      const [{ index: first } = { index: 0 }] = found;
      const owner = owners[first] ?? OUTSIDE;
      const isRefused = /^4\d\d$/.test(model.statusCode(first) ?? '');
      if (unit < 0 && (owner === OUTSIDE || about !== 'errors' || isRefused)) continue;
      // Who stopped the command knows why it has no answer.
      if (unit >= 0 && stopped.has(model.spanId(unit))) continue;
      const route = unit < 0 ? '' : routeOf(model, unit);
      // A server without routes has one name for all requests. Those that wait for one of them are told apart by its path.
      const isTold = cause.kind === 'server' && keyOfId(cause.id).shape !== '';
      const key = saysNothing(cause.name) && !isTold ? `${cause.id} ${route}` : cause.id;
      const into = unit < 0 ? tests.get(owner)?.ownErrors : tests.get(owner)?.causes;
      const seen =
        into && getOrMake(into, key, (): SeenCause => ({ cause, route, sights: [], kinds: new Map() }));
      if (seen === undefined) continue;
      if (!isSmall) Object.assign(seen, { cause, route });
      for (const sighting of found) addKind(seen.kinds, model, sighting);
      seen.sights.push({
        route: unit >= 0 && isRequest(model, unit) ? routeKey(model.service(unit), route) : '',
        unit: unit < 0 ? 'test' : countedAs(model.kind(unit)),
        isFirst: firsts.has(unit),
        stalls: cause.rule === 'stood-still' ? stallsAt(model, first) : [],
        isSmall,
        victim,
        isStarved: cause.outside === true && found.some(({ index }) => starvedFor(model, index) > 0),
        cause,
        message: errorMessage(model, first),
        places: found.flatMap(({ code }) => (code ? codePlace(code.line, code.called) : [])),
      });
    }
  }

  /** The requests that findings tell of, by where their errors began: `GET /retry tried GET /flaky twice` is counted in those of GET /retry. */
  function requestsTold(places: readonly Sighting[]): ReadonlyMap<number, number> {
    const ofOthers = places.flatMap(({ index, key, finding }) => {
      const isTold = key.rule === ERROR && finding !== undefined && finding.rule !== 'failed-request';
      const unit = isTold ? unitOf(finding.indexes[0] ?? index) : -1;
      return unit < 0 ? [] : [[index, unit] as const];
    });
    return new Map(ofOthers);
  }

  /** The request above a span, or the root of a job, which is neither a call nor a test; -1 without one. */
  function unitOf(index: number): number {
    const whole = wholes[index] ?? 0;
    if (isRequest(model, whole)) return whole;
    const isJob = owners[index] === OUTSIDE && own[whole] === undefined && !CALLS.has(model.kind(whole));
    return isJob ? whole : -1;
  }
}
