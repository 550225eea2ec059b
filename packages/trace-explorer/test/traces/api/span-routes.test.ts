import t from 'tap';
import { at, temporaryExplorer } from '../../explorer.ts';
import { decoded, storeSpans } from '../../spans.ts';
import { id, span, traceId } from './whole-span.ts';

const { app, store, get } = await temporaryExplorer(t);

t.test('a span is shown exactly as it was sent, and as others would store it', async (t) => {
  await storeSpans(store, [span]);
  const url = `/api/traces/${traceId}/spans/${span.spanId}`;

  const otlp = (await get(url)).body.resourceSpans[0];
  t.match(otlp.resource.attributes, [
    { key: 'service.name' },
    { key: 'service.version', value: { stringValue: '1.2.3' } },
  ]);
  t.match(otlp.scopeSpans[0].scope, { name: 'tandem', version: '1.0.0' });
  t.match(otlp.scopeSpans[0].spans[0], {
    traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState: 'a=b',
    startTimeUnixNano: String(at(0)),
    endTimeUnixNano: String(at(12.5)),
    status: { code: 2, message: 'failed' },
    events: [{ name: 'exception', timeUnixNano: String(at(3)) }],
    links: [{ traceId: id('other', 16) }],
  });
  const attributes = otlp.scopeSpans[0].spans[0].attributes;
  t.match(
    attributes.find((item: { key: string }) => item.key === 'big'),
    { value: { intValue: String(2n ** 60n) } },
  );
  t.match(
    attributes.find((item: { key: string }) => item.key === 'list'),
    { value: { arrayValue: { values: [{ stringValue: 'a' }, {}] } } },
  );

  const honeycomb = (await get(`${url}?form=honeycomb`)).body;
  t.match(honeycomb, {
    dataset: 'activities-api',
    event: {
      data: {
        'app.now': 'x',
        'service.version': '1.2.3',
        duration_ms: 12.5,
        'trace.trace_id': traceId,
        error: true,
        'exception.message': 'no',
        big: String(2n ** 60n),
      },
    },
    annotations: [
      { data: { 'meta.annotation_type': 'span_event' } },
      { data: { 'meta.annotation_type': 'link' } },
    ],
  });

  const xray = (await get(`${url}?form=xray`)).body;
  t.match(xray, {
    type: 'subsegment',
    name: 'home-activities-data',
    trace_id: `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`,
    fault: true,
    annotations: { 'app.now': 'x' },
    cause: { exceptions: [{ message: 'no' }] },
  });

  t.equal((await get(`${url}?form=zipkin`)).status, 400);
  t.equal((await get(`/api/traces/${traceId}/spans/${id('nobody')}`)).body.code, 'SPAN_NOT_FOUND');
});

t.test('of several spans with one id each can be seen', async (t) => {
  const traceId = id('copies', 16);
  const sent = { ...span, traceId };
  await storeSpans(store, [sent, sent, { ...sent, name: 'other' }]);
  const url = `/api/traces/${traceId}/spans/${span.spanId}?form=honeycomb`;
  t.equal((await get(`${url}&copy=0`)).body.event.data.name, 'home-activities-data');
  t.equal((await get(`${url}&copy=1`)).body.event.data.name, 'other');
  t.match((await get(`${url}&copy=2`)).body, { status: 404, detail: /There are 2/ });
});

t.test('a trace imported into the store it was exported from stays as it was', async (t) => {
  const traceId = id('imported', 16);
  const sent = { ...span, traceId };
  const children = Array.from({ length: 6 }, (_, n) => ({
    ...sent,
    spanId: id(`child ${n}`),
    parentSpanId: id('span'),
    attributes: { z: 1, a: 1.5, whole: 2.0, nested: { map: { b: 'x', a: [true, false] } } },
  }));
  // Another sender writes the same fields in another order than our JSON decoder does.
  const traces = decoded([sent, ...children]);
  const reordered = traces.scopeSpans.map((group) => ({
    ...group,
    resource: { ...group.resource, raw: withUnknownField(group.resource.raw) },
    spans: group.spans.map((each) => ({ ...each, raw: withUnknownField(each.raw) })),
  }));
  await store.write({ ...traces, scopeSpans: reordered });
  const { body } = await app.inject(`/api/traces/${traceId}/export`);
  await app.inject({
    method: 'POST',
    url: '/api/import',
    headers: { 'content-type': 'application/json' },
    payload: body,
  });
  const trace = (await get(`/api/traces/${traceId}`)).body;
  t.equal(trace.spans_total, 7);
  t.strictSame(
    trace.notices.map(({ code }: { code: string }) => code),
    ['missing_parent', 'duplicates_merged', 'no_root'],
  );
  const copies = await get(`/api/traces/${traceId}/spans/${span.spanId}?copy=1`);
  t.match(copies.body, { status: 404, detail: /There are 1/ });
});

/** The same message with a field behind it that no decoder knows: equal content, other bytes. */
function withUnknownField(raw: Uint8Array): Uint8Array {
  return Buffer.concat([raw, Buffer.from([0xf8, 0x7f, 1])]);
}

t.test('what cannot be imported is refused with the reason, one bad span loses only itself', async (t) => {
  const post = (payload: string, type = 'application/json') =>
    app.inject({ method: 'POST', url: '/api/import', headers: { 'content-type': type }, payload });
  t.match((await post('{"resourceSpans":')).json(), { status: 400, code: 'UNDECODABLE' });
  t.match((await post('[]')).json(), { status: 400, code: 'UNDECODABLE' });
  t.equal((await post('x', 'text/plain')).statusCode, 415);
  t.match((await post('{}')).json(), { spans: 0, rejected: 0 });
  const good = {
    traceId,
    spanId: id('good'),
    name: 'good',
    startTimeUnixNano: String(at(0)),
    endTimeUnixNano: String(at(1)),
  };
  const spans = [good, { ...good, spanId: 'short' }];
  t.match((await post(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))).json(), {
    spans: 1,
    rejected: 1,
    rejected_reason: /span/i,
  });
});
