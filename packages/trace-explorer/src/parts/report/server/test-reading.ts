import type { FirstRequests } from '../../../core/problems/judge.ts';
import { requestKey } from '../../../core/problems/judge.ts';
import { placeAt, thrownAt } from '../../../core/problems/occurrences.ts';
import { Tally } from '../../../core/problems/tally.ts';
import { wholesOf } from '../../../core/problems/unit-spans.ts';
import { failingAnswer } from '../../../core/tests/attempts/failing-answer.ts';
import type { TestSpan } from '../../../core/tests/read/test-spans.ts';
import { testKey } from '../../../core/tests/read/test-spans.ts';
import { isRequest } from '../../../core/traces/findings/facts.ts';
import { operationOf, routeOf } from '../../../core/traces/findings/words.ts';
import { answerOf } from '../../../core/traces/model/children.ts';
import type { CodePlace } from '../../../core/traces/model/code-place.ts';
import { selfTimesWithoutStalls } from '../../../core/traces/model/self-times.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { isCountedCall, OUTSIDE, routeKey } from './operations.ts';
import type { LongTest } from './schemas.ts';
import { addProblems } from './test-problems.ts';

/** Requests of a route within a test. */
export interface TestRoute {
  readonly service: string;
  readonly route: string;
  requests: number;
  /** Those of them that were the first of the route in their process. */
  firsts: number;
  /** The traces that have them. */
  traces: number;
  /** The status of each answer; empty without one. */
  readonly statuses: string[];
  /** Milliseconds of the longest request. */
  longest: number;
  /** Milliseconds of each request that was answered, and whether it was the first of the route in its process. */
  readonly times: { readonly ms: number; readonly isFirst: boolean }[];
  readonly isMessage: boolean;
  /** Calls that began while an earlier call of the same request ran. */
  overlaps: number;
  /** By operation: how many calls all requests made, and the milliseconds of the longest. */
  readonly calls: Map<string, { count: number; longest: number }>;
}

/** A test that failed. */
export interface TestFailure {
  readonly message: string;
  readonly traceId: string;
  /** What had failed before: `GET /stock/:sku answered 503`. */
  readonly after?: string | undefined;
  /** Where it failed, as far as its span says so. */
  readonly place?: CodePlace;
}

/**
 * The tests of a run that have one name in one file, usually one, by the last attempt of each. Earlier attempts have a reading of
 * their own, which doesn't count as a test. Runs are compared by name, because nothing says which of two tests of one name is which.
 */
export interface TestReading {
  readonly key: string;
  /** Its file and path, for people: two packages may have a test of one file and path. */
  label: string;
  /** Why one failed first; empty where none did. */
  failure: string;
  /** How many tests there are. */
  count: number;
  /** Those that failed. */
  readonly failures: TestFailure[];
  /** The ids of the spans of those that made requests. */
  readonly asking: Set<string>;
  traceId: string;
  times: LongTest;
  readonly routes: Map<string, TestRoute>;
  /** The problems of its requests, and errors of its own work, which belong to no request: a call that failed, and nobody said so. */
  readonly tally: Tally;
}

/** Behind the key of the attempts of a test that do not decide. */
const SUPERSEDED = '\nsuperseded';

/** Whether a reading is that of a test: not what happened outside of tests, nor attempts that do not decide. */
export function isTest(reading: TestReading): boolean {
  return reading.key !== OUTSIDE && !isSuperseded(reading);
}

/** The key of the reading of a test's attempts that do not decide. */
export function supersededKey(key: string): string {
  return `${key}${SUPERSEDED}`;
}

/** Whether a reading is of the attempts of a test that do not decide. */
export function isSuperseded({ key }: TestReading): boolean {
  return key.endsWith(SUPERSEDED);
}

/** Clocks of spans that follow each other may differ by less. */
const OVERLAP_NS = 1e6;

/**
 * Adds one trace to the tests of its run, in the order of time. A span belongs to the nearest test and request above it:
 *
 *     cart › adds          test
 *     ├─ SELECT users      direct call of the test
 *     └─ POST /orders      request of the test
 *        ├─ INSERT orders  call of POST /orders
 *        └─ GET /prices    call of POST /orders
 *           └─ GET /prices request of the test, by another service
 *
 * @param firsts the first requests of each route
 * @param testAt the test or suite of a span, by its id @param statusAt of its answer
 * @param stopped ids of spans that were open when the command was stopped
 */
export function addTrace(
  tests: Map<string, TestReading>,
  firsts: FirstRequests,
  model: TraceModel,
  testAt: (spanId: string) => TestSpan | undefined,
  statusAt: (spanId: string) => string | undefined,
  stopped: ReadonlySet<string>,
): void {
  const self = selfTimesWithoutStalls(model);
  const owners: string[] = [];
  /** The id of the test's span above a span, or its own. */
  const ids: string[] = [];
  const own: (TestSpan | undefined)[] = [];
  const seen = new Set<TestRoute>();
  const wholes = wholesOf(model);
  /** When the last call of a request ends. */
  const until = new Map<number, number>();
  for (let index = 0; index < model.count; index++) {
    const above = model.parent[index] ?? -1;
    const test = testAt(model.spanId(index));
    own.push(test);
    const isOfTest = test?.name !== undefined;
    const owner = isOfTest ? readingKey(test) : (owners[above] ?? OUTSIDE);
    owners.push(owner);
    const id = isOfTest ? model.spanId(index) : (ids[above] ?? '');
    ids.push(id);
    const reading = getOrMake(tests, owner, () => emptyReading(owner, model));
    const [begin, length] = [model.offset[index] ?? 0, model.length[index] ?? 0];
    if (isOfTest) {
      if (test.failure !== '') reading.failures.push(failureAt(model, index, test.failure));
      addResult(reading, test, timesOf(reading.label, model, index, self));
    }
    if (isRequest(model, index)) {
      reading.asking.add(id);
      const route = routeAt(reading, model, index);
      route.requests += 1;
      const isFirst = firsts.spans.has(requestKey(model.traceId, model.spanId(index)));
      if (isFirst) route.firsts += 1;
      if (!seen.has(route)) route.traces += 1;
      seen.add(route);
      route.statuses.push(statusAt(model.spanId(index)) ?? '');
      addLongest(route, length / 1e6);
      if (!stopped.has(model.spanId(index))) route.times.push({ ms: length / 1e6, isFirst });
    }
    const isSameService = above >= 0 && model.service(above) === model.service(index);
    if (!isCountedCall(model, index) || (isSameService && isCountedCall(model, above))) continue;
    const whole = wholes[index] ?? 0;
    const request = isRequest(model, whole) ? whole : -1;
    // A test asks a server until it is ready, and what the server does counts there.
    if (request < 0 && answerOf(model, index) !== undefined) continue;
    const route = request < 0 ? directCalls(reading) : routeAt(reading, model, request);
    const call = getOrMake(route.calls, operationOf(model, index), () => ({ count: 0, longest: 0 }));
    call.count += 1;
    const busyUntil = until.get(request) ?? 0;
    if (begin + OVERLAP_NS < busyUntil) route.overlaps += 1;
    until.set(request, Math.max(busyUntil, begin + length));
    addLongest(call, length / 1e6);
  }
  addProblems(tests, model, { owners, own, stopped });
}

/** What a test is called, by its key, unless another service has one of this name. */
export function labelOf(key: string): string {
  return key.slice(key.indexOf('\n') + 1).replace(SUPERSEDED, '');
}

function readingKey(test: TestSpan): string {
  return test.isSuperseded ? supersededKey(testKey(test)) : testKey(test);
}

function emptyReading(key: string, { traceId }: TraceModel): TestReading {
  const test = labelOf(key);
  const times = { test, ms: 0, own_ms: 0, database_ms: 0, http_ms: 0, waiting_ms: 0, trace_id: traceId };
  return {
    key,
    label: test,
    failure: '',
    count: 0,
    failures: [],
    asking: new Set(),
    traceId,
    times,
    routes: new Map(),
    tally: new Tally(),
  };
}

function addResult(reading: TestReading, test: TestSpan, times: LongTest): void {
  reading.count += 1;
  if (test.failure !== '' || times.ms >= reading.times.ms) reading.traceId = times.trace_id;
  if (times.ms >= reading.times.ms) reading.times = times;
  reading.failure ||= test.failure;
}

function failureAt(model: TraceModel, index: number, message: string): TestFailure {
  const { traceId } = model;
  return { message, traceId, after: failingAnswer(model, index), ...failedAt(model, index) };
}

/** Where the exception of a test was thrown, else the line of the test. */
function failedAt(model: TraceModel, index: number): Pick<TestFailure, 'place'> {
  const place = thrownAt(model, index) ?? placeAt(model, model.line(index), [index]);
  return place === undefined ? {} : { place };
}

function addLongest(to: { longest: number }, ms: number): void {
  to.longest = Math.max(to.longest, ms);
}

function routeAt({ routes }: TestReading, model: TraceModel, index: number): TestRoute {
  const [service, route] = [model.service(index), routeOf(model, index)];
  const isMessage = model.kind(index) === 'consumer';
  return getOrMake(routes, routeKey(service, route), () => emptyRoute(service, route, isMessage));
}

/** How many tests some readings have. */
export function testsIn(readings: readonly TestReading[]): number {
  return readings.reduce((sum, { count }) => sum + count, 0);
}

/** How many tests of some readings failed. */
export function failuresIn(readings: readonly TestReading[]): number {
  return readings.reduce((sum, { failures }) => sum + failures.length, 0);
}

/** The paths of the suites and tests above some tests. */
export function pathsAbove(keys: Iterable<string>): ReadonlySet<string> {
  const above = new Set<string>();
  for (const key of keys)
    for (let at = key.lastIndexOf(' › '); at > 0; at = key.lastIndexOf(' › ', at - 1))
      above.add(key.slice(0, at));
  return above;
}

/** Without the tests that are told by their subtests. */
export function withoutAbove<T>(tests: readonly T[], labelOf: (test: T) => string): T[] {
  const above = pathsAbove(tests.map(labelOf));
  return tests.filter((test) => !above.has(labelOf(test)));
}

/** The calls of a test without a request: a repository's statements, for example. */
function directCalls({ routes }: TestReading): TestRoute {
  const direct = getOrMake(routes, routeKey('', ''), () => emptyRoute('', ''));
  direct.requests = 1;
  return direct;
}

function emptyRoute(service: string, route: string, isMessage = false): TestRoute {
  const counts = { requests: 0, firsts: 0, traces: 0, longest: 0, overlaps: 0 };
  return { service, route, isMessage, ...counts, statuses: [], times: [], calls: new Map() };
}

/** Where the time of a test went. Each moment counts once, for the innermost of the spans that run then. */
function timesOf(test: string, model: TraceModel, root: number, selfTime: Float64Array): LongTest {
  const times = { database_ms: 0, http_ms: 0, own_ms: 0 };
  for (let index = root + 1; index < (model.end[root] ?? 0); index++) {
    const isLeaf = (model.children[index] ?? 0) === 0;
    const self = (selfTime[index] ?? 0) / 1e6;
    if (model.isDatabase(index)) times.database_ms += self;
    else if (isLeaf && isCountedCall(model, index)) times.http_ms += self;
    else times.own_ms += self;
  }
  const ms = (model.length[root] ?? 0) / 1e6;
  times.own_ms = Math.min(times.own_ms, ms); // a request may outlive its test
  const waiting_ms = (selfTime[root] ?? 0) / 1e6;
  return { test, ms, ...times, waiting_ms, trace_id: model.traceId };
}
