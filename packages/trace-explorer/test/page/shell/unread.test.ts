import t from 'tap';
import { LOGS_PARAMS } from '../../../src/core/places/logs-place.ts';
import { parsePlace } from '../../../src/core/places/place.ts';
import type { ParamForms } from '../../../src/core/places/read-params.ts';
import { listForms } from '../../../src/page/api/trace-list.ts';
import { pageParts } from '../../../src/page/parts.ts';
import { unreadParams } from '../../../src/page/shell/unread.ts';
import { showParts } from '../../../src/page/shown-parts.ts';
import { OVERVIEW_PARAMS } from '../../../src/parts/overview/page/overview-places.ts';
import { QUERY_PARAMS } from '../../../src/parts/query/query-place.ts';
import type { TraceState } from '../../../src/parts/trace/page/state/trace-state.ts';
import {
  readTraceState,
  stateParams,
  TRACE_PARAMS,
} from '../../../src/parts/trace/page/state/trace-state.ts';

// Alone in its process: a process has one list of views.
t.teardown(showParts(pageParts));

const FORMS: Readonly<Record<string, ParamForms>> = {
  overview: OVERVIEW_PARAMS,
  service: OVERVIEW_PARAMS,
  logs: LOGS_PARAMS,
  query: QUERY_PARAMS,
  trace: TRACE_PARAMS,
  traces: listForms(),
  cause: listForms(),
};

function unread(path: string): string[] {
  const place = parsePlace(new URL(path, 'http://127.0.0.1'));
  if (place === undefined) throw new Error(`${path} is no address`);
  return unreadParams(place, FORMS[place.view] ?? {});
}

t.test('a value that a view does not read is said, with what is shown and what it takes', async (t) => {
  const seconds = 'is not a time: last takes seconds, such as last=3600.';
  for (const [path, ...texts] of [
    ['/?last=abc', `last=abc ${seconds} The last hour is shown.`],
    ['/logs?last=abc', `last=abc ${seconds} Any time is shown.`],
    [
      '/?start=abc&end=20',
      /^start=abc is not a time: .*such as start=\d+&end=\d+\. The last hour is shown\.$/,
    ],
    ['/?start=20&end=10', /^start=20&end=10 is not a time: .* The last hour is shown/],
    ['/logs?end=abc&last=600', /^end=abc is not a time: .* The last 10 minutes are shown/],
    ['/logs?level=zzz', 'level=zzz is left out: level takes trace, debug, info, warn, error or fatal.'],
    ['/traces?min=abc', /^min=abc is left out: this view takes .*\bmin_duration_ms\b/],
    ['/traces?pages=x', 'pages=x is left out: it cannot be read.'],
    ['/?only=zzz', 'only=zzz is left out: only takes failed or slow.'],
    ['/trace/4bf92f3577b34da6a3ce929d0e0e4736?span=7&log_level=x', /^span=7 is/, /^log_level=x is/],
    ['/report?constructor=1', 'constructor=1 is left out: this view takes no parameter.'],
    [`/?last=${'a'.repeat(500)}%1b%5b2J`, /^last=a{39}… is not a time/],
  ] as const)
    t.match(unread(path), texts, path);
});

t.test('nothing is said of what is read, and of what the view says itself', async (t) => {
  for (const path of [
    ...['/', '/?last=600', '/?start=10&end=20&only=slow&causes=all', '/?run=run-1'],
    ...['/traces?live=true&order=slowest', '/traces?start_time=abc', '/traces?min_duration_ms=abc&pages=1'],
    ...['/traces?cause=a&seconds=9', '/cause/abc?errors=true&pages=2&seconds=10&last=60', '/logs?start=20'],
    ...['/logs?mode=tail&level=warn&q=x&where=a%3Db&open=12', '/logs?level=', '/service/user-lookup?last=60'],
    ...['/query?query=%7B&panel=rows', '/query?columns=&log=no&total='],
    ...['/trace/abc?span=none&tab=fields&logs=none&path=critical&from=all'],
  ])
    t.same(unread(path), [], path);
});

t.test('each param that the trace view writes is one that it reads', async (t) => {
  const span = '00f067aa0ba902b7';
  const state: TraceState = {
    ...{ span: 'none', from: 'a', root: span, depth: 3, folded: [`${span}.2`], range: [1e6, 2e6] },
    ...{ search: 'a', onlyMatches: true, finding: 'slow-call', columns: ['a'], color: 'a', tab: 'otlp' },
    ...{ asSent: true, criticalPath: true, linked: true, compare: span, logs: true, logLevel: 'warn' },
    ...{ logText: 'a', attempts: [span, span], line: '12' },
  };
  const params = stateParams(state);
  t.same(Object.keys(params).toSorted(), Object.keys(TRACE_PARAMS).toSorted());
  t.same(readTraceState({ params }), state);
});
