import { at } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId } from '../../../../spans.ts';

let clock = 0;

/** The next second, in milliseconds. */
export function later(): number {
  clock += 1000;
  return clock;
}

/** A request that a test makes, and the statements of its server. */
export interface Requested {
  readonly route: string;
  readonly status?: number;
  readonly statements?: readonly string[];
  readonly ms?: number;
  /** The line of code that threw an error, which the request failed with. */
  readonly thrown?: string;
}

/** An attempt of a test, as a runner's spans tell it. */
export interface Attempted {
  readonly run: string;
  readonly test: string;
  readonly attempt?: number;
  readonly status: 'pass' | 'fail' | 'skip';
  readonly message?: string;
  readonly asks?: readonly Requested[];
  /** Where the runner watches: which execution of the file it is, of which project. */
  readonly execution?: string;
  readonly project?: string;
}

/** The spans of an attempt in a trace of its own, as telemetry makes them of Jest, Mocha and Playwright. */
export function attemptSpans({
  run,
  test,
  attempt,
  status,
  message,
  asks = [],
  execution,
  project,
}: Attempted): PlainSpan[] {
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const start = later();
  const base = {
    traceId,
    service: 'shop',
    resource: { 'tandem.run.id': run, 'vcs.ref.head.revision': 'c0ffee' },
  };
  const root: PlainSpan = {
    ...base,
    spanId,
    name: `cart.test.js › ${test}`,
    start: at(start),
    durationMs: 400,
    attributes: {
      'code.file.path': 'test/cart.test.js',
      'code.line.number': 12,
      'test.suite.name': 'cart.test.js',
      'test.case.name': test,
      'test.case.result.status': status,
      'tandem.test.runner': 'jest',
      ...(attempt !== undefined && { 'tandem.test.attempt': attempt }),
      ...(execution !== undefined && { 'tandem.test.execution': execution }),
      ...(project !== undefined && { 'tandem.test.group': project }),
    },
    ...(status === 'fail' && failure(message)),
  };
  return [root, ...requests(base, spanId, start, asks)];
}

export const failure = (message = 'expected 503 to be 200'): Partial<PlainSpan> => ({
  status: 2,
  statusMessage: message,
  events: [{ name: 'exception', attributes: { 'exception.type': 'Error', 'exception.message': message } }],
});

function exceptionAt(line: string) {
  const stack = `Error: no stock\n    at pay (${line}:5)`;
  const said = { 'exception.type': 'Error', 'exception.message': 'no stock', 'exception.stacktrace': stack };
  return { name: 'exception', attributes: said };
}

export function requests(
  base: PlainSpan,
  parentSpanId: string,
  start: number,
  asks: readonly Requested[],
): PlainSpan[] {
  return asks.flatMap(({ route, status = 200, statements = [], ms = 8, thrown }, nth) => {
    const [call, served] = [randomId(8), randomId(8)];
    const from = start + 5 + nth * 20;
    const answered = { 'http.request.method': 'GET', 'http.response.status_code': status };
    const isError = status >= 500 && { status: 2 as const };
    return [
      {
        ...base,
        ...{
          spanId: call,
          parentSpanId,
          name: 'GET',
          kind: 3,
          start: at(from),
          durationMs: ms + 2,
          ...isError,
        },
        attributes: { ...answered, 'url.full': `http://127.0.0.1:41000/x` },
      },
      {
        ...base,
        ...{
          spanId: served,
          parentSpanId: call,
          name: route,
          kind: 2,
          start: at(from + 1),
          durationMs: ms,
          ...isError,
        },
        ...(thrown !== undefined && { events: [exceptionAt(thrown)] }),
        attributes: { ...answered, 'http.route': route.replace(/^\S+ /, '') },
      },
      ...statements.map((name, at_) => ({
        ...base,
        ...{ parentSpanId: served, name, kind: 3, start: at(from + 2 + at_), durationMs: 0.5 },
        attributes: { 'db.system.name': 'sqlite', 'db.query.text': `${name} WHERE id = ?` },
      })),
    ];
  });
}

/** The spans of a run of Vitest, which has all tests in one trace: each with its attempts. */
export function vitestSpans(
  run: string,
  tests: Readonly<Record<string, readonly Attempted['asks'][]>>,
): PlainSpan[] {
  const [traceId, start] = [randomId(16), randomId(8)];
  const base = { traceId, service: 'shop', resource: { 'tandem.run.id': run } };
  const root = {
    ...base,
    spanId: start,
    name: 'vitest.start',
    start: at(later()),
    durationMs: 60_000,
  };
  return [
    root,
    ...Object.entries(tests).flatMap(([test, attempts]) => {
      const own = randomId(8);
      const begin = later();
      return [
        {
          ...base,
          ...{ spanId: own, parentSpanId: start, name: 'vitest.test.runner.run.test' },
          ...{ start: at(begin), durationMs: attempts.length * 200 },
          attributes: {
            'vitest.test.name': test,
            'vitest.test.mode': 'run',
            'code.file.path': '/shop/cart.test.js',
          },
        },
        ...attempts.flatMap((asks = [], nth) => {
          const from = begin + nth * 200;
          const part = (name: string, after: number, durationMs: number, more: Partial<PlainSpan> = {}) => ({
            ...base,
            ...{ spanId: randomId(8), parentSpanId: own, name: `vitest.test.runner.test.${name}` },
            ...{ start: at(from + after), durationMs, ...more },
          });
          const body = part('callback', 2, 150, nth < attempts.length - 1 ? failure() : {});
          return [
            part('beforeEach', 0, 1),
            body,
            part('afterEach', 155, 1),
            ...requests(base, body.spanId, from, asks),
          ];
        }),
      ];
    }),
  ];
}
