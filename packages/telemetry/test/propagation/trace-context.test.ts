import type { SpanContext } from '@opentelemetry/api';
import {
  createTraceState,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import t from 'tap';
import { TraceContextPropagator } from '../../src/propagation/trace-context.ts';

const propagator = new TraceContextPropagator();
const ids = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';

function extract(carrier: Record<string, string | string[]>): SpanContext | undefined {
  return trace.getSpanContext(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
}

function inject(spanContext: SpanContext, context = ROOT_CONTEXT): Record<string, string> {
  const carrier = {};
  propagator.inject(trace.setSpanContext(context, spanContext), carrier, defaultTextMapSetter);
  return carrier;
}

function passOn(carrier: Record<string, string | string[]>): Record<string, string> {
  const remote = extract(carrier);
  return remote ? inject(remote) : {};
}

t.test('a remote context passed on without a span stays what it was', async (t) => {
  for (const flags of ['00', '01', '02', '03']) {
    const headers = { traceparent: `00-${ids}-${flags}`, tracestate: 'foo=1,bar=2' };
    t.same(passOn(headers), headers);
    t.same(passOn({ traceparent: headers.traceparent }), { traceparent: headers.traceparent });
  }
  t.equal(extract({ traceparent: `00-${ids}-01` })?.isRemote, true);
});

t.test('unknown flags and versions leave as version 00 with known flags', async (t) => {
  t.same(passOn({ traceparent: `00-${ids}-ff` }), { traceparent: `00-${ids}-03` });
  t.same(passOn({ traceparent: `cc-${ids}-01-more` }), { traceparent: `00-${ids}-01` });
});

t.test('no tracestate is sent when there is nothing in it', async (t) => {
  const traceparent = `00-${ids}-01`;
  for (const tracestate of ['', ' ', ',', 'foo=', 'FOO=1,bar=2', ['', '']]) {
    t.same(passOn({ traceparent, tracestate }), { traceparent });
  }
});

t.test('several tracestate headers are one list in their order', async (t) => {
  const tracestate = ['foo=1,bar=2', '', 'rojo=1', ' baz=3 '];
  t.equal(passOn({ traceparent: `00-${ids}-00`, tracestate }).tracestate, 'foo=1,bar=2,rojo=1,baz=3');
});

t.test('duplicate traceparent headers start a new trace', async (t) => {
  const one = `00-${ids}-01`;
  t.equal(extract({ traceparent: [one, one] }), undefined);
  t.equal(extract({ traceparent: `${one},${one}` }), undefined);
  t.equal(extract({ traceparent: `${one}, ${one}` }), undefined);
  t.ok(extract({ traceparent: [one] }));
});

t.test('without a readable traceparent the context stays as it is', async (t) => {
  t.equal(extract({}), undefined);
  t.equal(extract({ tracestate: 'foo=1' }), undefined);
  t.equal(extract({ traceparent: [] }), undefined);
  const context = propagator.extract(ROOT_CONTEXT, { traceparent: 42 }, defaultTextMapGetter);
  t.equal(context, ROOT_CONTEXT);
});

t.test('a trace state from elsewhere is sent too', async (t) => {
  const [traceId = '', spanId = ''] = ids.split('-');
  const headers = inject({ traceId, spanId, traceFlags: 1, traceState: createTraceState('foo=1') });
  t.same(headers, { traceparent: `00-${ids}-01`, tracestate: 'foo=1' });
});

t.test('nothing is sent for an invalid context or where tracing is suppressed', async (t) => {
  const [traceId = '', spanId = ''] = ids.split('-');
  t.same(inject({ traceId, spanId: '0'.repeat(16), traceFlags: 1 }), {});
  t.same(inject({ traceId, spanId, traceFlags: 1 }, suppressTracing(ROOT_CONTEXT)), {});
});

t.test('says which headers it uses', async (t) => {
  t.same(propagator.fields(), ['traceparent', 'tracestate']);
});
