import { decodedLogs } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { renderMermaid } from '../../../../src/core/command/terminal/render-mermaid.ts';
import { readSavedTrace } from '../../../../src/core/saved-trace/saved-trace.ts';
import { describeTrace } from '../../../../src/core/traces/forms/describe-trace.ts';
import { placeText } from '../../../../src/core/traces/model/code-place.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { errorGroups, errorText } from '../../../../src/parts/trace/page/state/error-order.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();
const [TRACE, ROOT, CHILD, OTHER] = [id('trace', 16), id('root'), id('child'), id('other trace', 16)];
const EXCEPTION = {
  'exception.type': 'DatabaseError',
  'exception.message': 'database is locked',
  'exception.stacktrace': 'DatabaseError: database is locked\n    at query (/app/db.js:1:1)',
};

/** How an SDK tells of an exception: OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN unset, `logs` and `logs/dup`. */
const FORMS = { event: [true, false], log: [false, true], both: [true, true] } as const;

/** What the explorer says of the same failing request, sent in one form. */
async function answers(t: Test, [hasEvent, hasLog]: readonly [boolean, boolean]) {
  const explorer = await temporaryExplorer(t);
  const { store, get, app } = explorer;
  const log = decodedLogs([{ traceId: TRACE, spanId: CHILD, body: '', attributes: EXCEPTION, time: at(20) }]);
  // A record may come before its span.
  if (hasLog) await store.write(log);
  const events = hasEvent ? [{ name: 'exception', attributes: EXCEPTION, time: at(20) }] : [];
  await storeSpans(store, [
    {
      traceId: TRACE,
      spanId: ROOT,
      service: 'shop',
      name: 'GET /',
      kind: 2,
      status: 2,
      start: at(0),
      durationMs: 90,
    },
    {
      ...{
        traceId: TRACE,
        spanId: CHILD,
        parentSpanId: ROOT,
        service: 'shop',
        name: 'load',
        kind: 1,
        status: 2,
        statusMessage: 'Internal Server Error',
      },
      ...{ start: at(10), durationMs: 20, events, attributes: { 'error.type': 'DatabaseError' } },
    },
    {
      traceId: OTHER,
      spanId: id('fine'),
      service: 'shop',
      name: 'GET /',
      kind: 2,
      start: at(1),
      durationMs: 9,
    },
  ]);
  const { body: outline } = await get(`/api/traces/${TRACE}/outline`);
  const model = buildModel(outline);
  const { findings, errors } = describeTrace(model, outline.findings);
  const { causes } = (await get('/api/causes')).body;
  const query = { time_range: 3_600, filters: [{ column: 'span.kind', op: 'exists' }] };
  const compared = await app.inject({
    method: 'POST',
    url: '/api/bubbleup',
    payload: { query, selection: { filters: [{ column: 'error', op: '=', value: true }] } },
  });
  const saved = await readSavedTrace((await app.inject(`/api/traces/${TRACE}/page`)).body);
  const ofException = ({ name }: { name: string }) => name.startsWith('exception.');
  return {
    causes: causes.map(({ first, last, ...rest }: { first: string; last: string }) => rest),
    header: errorGroups(model).map(([first = -1]) => [model.name(first), errorText(model, first)]),
    span: errorText(model, model.indexOf(`${CHILD}.0`)),
    findings,
    errors,
    bubbleUp: compared.json().fields.filter(ofException),
    diagram: renderMermaid(model),
    saved: saved && errorText(buildModel(saved.outline), 1),
  };
}

t.test('a failing request is said in the same words, however its exception was sent', async (t) => {
  const event = await answers(t, FORMS.event);
  t.match(event.causes, [
    {
      type: 'DatabaseError',
      message: 'database is locked',
      traces: 1,
      name: 'load',
      rules: ['failed-request'],
    },
  ]);
  t.equal(event.causes.length, 1);
  t.match(event.header, [['load', 'database is locked']]);
  const exception = 'database is locked, at query (/app/db.js:1:1)';
  t.match(event.findings, [
    { rule: 'failed-request', sentence: /^load of shop fails: DatabaseError: database is locked/, exception },
  ]);
  t.equal(event.bubbleUp.length, 3);
  t.equal(event.saved, 'database is locked');
  for (const form of ['log', 'both'] as const) t.same(await answers(t, FORMS[form]), event, form);
});

t.test('the event of a span counts before a record of another exception in the span', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const spanId = id('span');
  const other = { 'exception.type': 'Ignored', 'exception.message': 'ignored' };
  await store.write(decodedLogs([{ traceId: TRACE, spanId, attributes: other, time: at(1) }]));
  await storeSpans(store, [
    {
      traceId: TRACE,
      spanId,
      status: 2,
      start: at(0),
      events: [{ name: 'exception', attributes: EXCEPTION }],
    },
  ]);
  const { body } = await get('/api/causes');
  t.match(body.causes, [{ type: 'DatabaseError', message: 'database is locked', traces: 1 }]);
});

t.test('a cause is an exception that log records alone tell of, for an hour after its range', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const record = (name: string, time: bigint) => ({
    traceId: TRACE,
    spanId: id(name),
    attributes: { ...EXCEPTION, 'exception.message': name },
    time,
  });
  const HOUR = 3_600_000;
  await store.write(
    decodedLogs([record('soon', at(1)), record('late', at(HOUR / 2)), record('never', at(3 * HOUR))]),
  );
  const failed = (name: string) => ({ traceId: TRACE, spanId: id(name), status: 2 as const, start: at(0) });
  await storeSpans(store, ['soon', 'late', 'never'].map(failed));
  const [start, end] = [Number(at(0)) / 1e9 - 60, Number(at(0)) / 1e9 + 60].map(Math.floor);
  const { body } = await get(`/api/causes?start_time=${start}&end_time=${end}`);
  t.same(body.causes.flatMap(({ message }: { message?: string }) => message ?? []).toSorted(), [
    'late',
    'soon',
  ]);
});

t.test('the place of a logged exception is that of a span without one', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const place = { 'code.file.path': 'src/api.ts', 'code.function.name': 'api' };
  const logged = (name: string, attributes = {}) => ({
    ...{ traceId: id(`trace of ${name}`, 16), spanId: id(name), body: '', time: at(1) },
    attributes: {
      'exception.type': 'TypeError',
      'exception.message': name,
      'exception.stacktrace': `TypeError: ${name}\n    at api (/srv/src/api.ts:19:23)`,
      ...attributes,
    },
  });
  const failed = (name: string) => ({
    ...{ traceId: id(`trace of ${name}`, 16), spanId: id(name), service: 'shop', name: `GET /${name}` },
    ...{ kind: 2, status: 2 as const, start: at(0) },
    resource: { 'tandem.code.folder': '/srv' },
  });
  // Handlers of other SDKs name the line that logs; and a later record has no place for the first one.
  const handled = logged('handled', { ...place, 'code.line.number': 77 });
  const [first, later] = [logged('first'), { ...logged('later', place), time: at(2) }];
  const both = [first, { ...later, traceId: first.traceId, spanId: first.spanId }];
  await store.write(decodedLogs([logged('evaluated', place), logged('plain'), handled, ...both]));
  await storeSpans(store, ['evaluated', 'plain', 'handled', 'first'].map(failed));
  const { body } = await get('/api/causes');
  const lines = body.causes.map((cause: { message: string; file: string }) => [
    cause.message,
    placeText(cause),
  ]);
  t.same(Object.fromEntries(lines), {
    evaluated: 'src/api.ts in api',
    plain: 'src/api.ts:19',
    handled: 'src/api.ts:19',
    first: 'src/api.ts:19',
  });
});
