import type { TextMapPropagator } from '@opentelemetry/api';
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import t from 'tap';
import { propagatorOf } from '../../../src/chosen/propagators/propagator.ts';
import type { PropagatorName } from '../../../src/process/settings/index.ts';
import { RANDOM_TRACE_STATE } from '../../../src/road/http/tracestate.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const other = 'ffffffffffffffffffffffffffffffff';

function inject(propagator: TextMapPropagator, root = ROOT_CONTEXT): Record<string, string> {
  const span = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, traceState: RANDOM_TRACE_STATE };
  const baggage = propagation.createBaggage({ 'user.id': { value: '42' } });
  const carrier = {};
  propagator.inject(
    propagation.setBaggage(trace.setSpanContext(root, span), baggage),
    carrier,
    defaultTextMapSetter,
  );
  return carrier;
}

function extract(propagator: TextMapPropagator, headers: Record<string, string>) {
  const context = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const { traceState, ...ids } = trace.getSpanContext(context) ?? {};
  return {
    ...ids,
    tracestate: traceState?.serialize(),
    baggage: propagation.getBaggage(context)?.getAllEntries(),
  };
}

const PROPAGATOR_NAMES: readonly PropagatorName[] = [
  'tracecontext',
  'baggage',
  'b3',
  'b3multi',
  'jaeger',
  'xray',
];

const HEADERS = {
  tracecontext: { traceparent: `00-${traceId}-${spanId}-03` },
  baggage: { baggage: 'user.id=42' },
  b3: { b3: `${traceId}-${spanId}-1` },
  b3multi: { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' },
  xray: { 'x-amzn-trace-id': `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=1` },
  jaeger: { 'uber-trace-id': `${traceId}:${spanId}:0:01`, 'uberctx-user.id': '42' },
  none: {},
};

t.test('each name reads its own headers', async (t) => {
  for (const name of ['tracecontext', 'b3', 'b3multi', 'xray', 'jaeger'] as const) {
    t.match(extract(propagatorOf([name]), HEADERS[name]), { traceId, spanId, isRemote: true }, name);
  }
  t.match(extract(propagatorOf(['baggage']), HEADERS.baggage), {
    baggage: [['user.id', { value: '42' }]],
  });
  t.match(extract(propagatorOf(['b3']), HEADERS.b3multi), { traceId }, 'b3 reads both forms');
  t.same(extract(propagatorOf([]), { ...HEADERS.tracecontext, ...HEADERS.baggage }), {
    tracestate: undefined,
    baggage: undefined,
  });
});

t.test('each name sends its own headers, and lists them as fields', async (t) => {
  for (const name of PROPAGATOR_NAMES) {
    const propagator = propagatorOf([name]);
    const sent = inject(propagator);
    t.same(sent, HEADERS[name], name);
    const others = Object.keys(sent).filter((header) => !propagator.fields().includes(header));
    t.same(others, name === 'jaeger' ? ['uberctx-user.id'] : [], `fields of ${name}`);
  }
  const all = Object.assign({}, ...Object.values(HEADERS));
  t.same(inject(propagatorOf(PROPAGATOR_NAMES)), all, 'all at once');
});

t.test('jaeger: ids shorter than theirs are filled up, and baggage has headers of its own', async (t) => {
  const propagator = propagatorOf(['jaeger']);
  const short = { 'uber-trace-id': `${traceId.slice(16)}:${spanId.slice(8)}:0:1`, 'uberctx-user.id': '42' };
  t.match(extract(propagator, short), {
    traceId: traceId.slice(16).padStart(32, '0'),
    spanId: spanId.slice(8).padStart(16, '0'),
    baggage: [['user.id', { value: '42' }]],
  });
  for (const header of [
    'nonsense',
    `${'g'.repeat(32)}:${spanId}:0:1`,
    `${'0'.repeat(32)}:${spanId}:0:1`,
    ':::',
  ]) {
    t.match(extract(propagator, { 'uber-trace-id': header }), { traceId: undefined }, header);
  }
});

t.test('of different parents the one read last counts, without the tracestate of the other', async (t) => {
  const w3c = { traceparent: `00-${other}-${spanId}-03`, tracestate: 'foo=1' };
  for (const name of ['b3', 'b3multi', 'xray', 'jaeger'] as const) {
    const propagator = propagatorOf(['tracecontext', name]);
    t.match(extract(propagator, { ...w3c, ...HEADERS[name] }), { traceId, tracestate: undefined }, name);
    t.match(extract(propagatorOf([name, 'tracecontext']), { ...w3c, ...HEADERS[name] }), {
      traceId: other,
    });
  }
});

t.test('the same parent in two headers keeps tracestate and random flag', async (t) => {
  const w3c = { traceparent: `00-${traceId}-${spanId}-03`, tracestate: 'foo=1' };
  for (const name of ['b3', 'b3multi', 'xray', 'jaeger'] as const) {
    const both = extract(propagatorOf(['tracecontext', name]), { ...w3c, ...HEADERS[name] });
    t.match(both, { traceId, spanId, traceFlags: 3, tracestate: 'foo=1' }, name);
  }
});

t.test('ids in upper case become lower case', async (t) => {
  const headers = { 'x-b3-traceid': traceId.toUpperCase(), 'x-b3-spanid': spanId.toUpperCase() };
  t.match(extract(propagatorOf(['b3multi']), headers), { traceId, spanId });
});

t.test('nothing is sent where tracing is suppressed', async (t) => {
  t.same(inject(propagatorOf(PROPAGATOR_NAMES), suppressTracing(ROOT_CONTEXT)), {});
});

t.test('baggage that cannot be sent makes no request fail, and the trace goes on', async (t) => {
  const propagator = propagatorOf(['tracecontext', 'baggage']);
  const span = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  const carrier = {};
  const baggage = propagation.createBaggage({ half: { value: 'a lone \ud800' } });
  const context = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, span), baggage);
  propagator.inject(context, carrier, defaultTextMapSetter);
  t.same(carrier, { traceparent: `00-${traceId}-${spanId}-01` });
});
