import type { SpanContext } from '@opentelemetry/api';
import {
  createTraceState,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import {
  formatTraceparent,
  parseTraceparent,
  TraceContextPropagator,
} from '../../../src/road/http/traceparent.ts';
import { W3CTraceState } from '../../../src/road/http/tracestate.ts';

t.test('traceparent', async (t) => {
  const propagator = new TraceContextPropagator();
  const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
  const SPAN_ID = 'b7ad6b7169203331';
  const ids = `${TRACE_ID}-${SPAN_ID}`;

  function extract(carrier: Record<string, string | string[]>): SpanContext | undefined {
    return trace.getSpanContext(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
  }

  function inject(spanContext: SpanContext): Record<string, string> {
    const carrier = {};
    propagator.inject(trace.setSpanContext(ROOT_CONTEXT, spanContext), carrier, defaultTextMapSetter);
    return carrier;
  }

  t.test('without a readable traceparent the context stays as it is', async (t) => {
    t.equal(extract({}), undefined);
    t.equal(extract({ tracestate: 'foo=1' }), undefined);
    t.equal(extract({ traceparent: [] }), undefined);
    const context = propagator.extract(ROOT_CONTEXT, { traceparent: 42 }, defaultTextMapGetter);
    t.equal(context, ROOT_CONTEXT);
  });

  t.test('a trace state from elsewhere is sent too', async (t) => {
    const traceState = createTraceState('foo=1');
    const headers = inject({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, traceState });
    t.same(headers, { traceparent: `00-${ids}-01`, tracestate: 'foo=1' });
  });

  t.test('nothing is sent for an invalid context', async (t) => {
    t.same(inject({ traceId: TRACE_ID, spanId: '0'.repeat(16), traceFlags: 1 }), {});
  });

  t.test('sent flags have two digits, for any flags of the span context', async (t) => {
    const header = (traceFlags: number) =>
      formatTraceparent({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags });
    t.equal(header(0x01), `00-${ids}-01`);
    t.equal(header(0x00), `00-${ids}-00`);
    t.equal(header(0x03), `00-${ids}-03`);
    t.equal(header(0x11), `00-${ids}-01`);
    t.equal(header(0xff), `00-${ids}-03`);
    t.equal(header(0x1fe), `00-${ids}-02`);
  });

  t.test('one changed character never lets an illegal header through', async (t) => {
    const random = new SeededRandom(7);
    const legal = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
    let refused = 0;
    for (let i = 0; i < 4000; i++) {
      const at = random.below(55);
      const header = `00-${ids}-01`;
      const changed = header.slice(0, at) + random.text('0f-gAF. /:`\u00ff\u0131', 1) + header.slice(at + 1);
      const read = parseTraceparent(changed) !== undefined;
      if (read !== legal.test(changed)) t.fail(changed);
      if (!read) refused++;
    }
    t.ok(refused > 1000);
  });
});

t.test('tracestate', async (t) => {
  const sent = (header: string) => new W3CTraceState(header).serialize();

  t.test('one illegal member discards the whole list', async (t) => {
    // The W3C's suite has more.
    for (const member of [
      'foo= ',
      'foo',
      '=1',
      '_foo=1',
      'foo=a\tb',
      'foo=\u00e9',
      'foo=a\nb',
      'f\u00f6\u00f6=1',
    ]) {
      t.equal(sent(`bar=1,${member}`), '', `bar=1,${member}`);
      t.equal(sent(`${member},bar=1`), '', `${member},bar=1`);
    }
  });

  t.test('setting and unsetting give a new state and leave the old one alone', async (t) => {
    const state = new W3CTraceState('foo=1,bar=2', true);
    t.equal(state.set('bar', '9').serialize(), 'bar=9,foo=1', 'a changed member moves to the front');
    t.equal(state.set('new', '3').serialize(), 'new=3,foo=1,bar=2');
    t.equal(state.unset('foo').serialize(), 'bar=2');
    t.equal(state.unset('none'), state);
    t.equal(state.serialize(), 'foo=1,bar=2');
    t.equal(state.set('new', '3').randomTraceId, true);
    t.equal(state.unset('foo').randomTraceId, true);
  });

  t.test('an illegal member cannot be set', async (t) => {
    const state = new W3CTraceState('foo=1');
    for (const [key, value] of [
      ['Bad', '1'],
      ['', '1'],
      ['bar', ''],
      ['bar', 'a,b'],
      ['bar', 'a=b'],
      ['bar', 'a\r\nx: y'],
      ['bar', 'ends in space '],
    ] as const) {
      t.equal(state.set(key, value), state, `${key}=${value}`);
    }
  });

  t.test('a full list gives up its right-most member for a new one, none for a changed one', async (t) => {
    const keys = Array.from({ length: 32 }, (_, i) => `k${i}=1`);
    const full = new W3CTraceState(keys.join(','));
    t.equal(full.set('new', '1').serialize(), ['new=1', ...keys.slice(0, 31)].join(','));
    t.equal(full.set('k31', '1').serialize(), ['k31=1', ...keys.slice(0, 31)].join(','));
  });

  t.test('for any input, the output is a legal list that reads the same again', async (t) => {
    const random = new SeededRandom(20261120);
    const hostile = 'abz09AZ_-*/@=, \t~!.\u0000\u007f\u00e9';
    const legal = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ !-+\--<>-~]{0,255}[!-+\--<>-~]$/;
    for (let i = 0; i < 3000; i++) {
      const state = new W3CTraceState(random.text(hostile, random.below(24)));
      const header = state.serialize();
      const members = header === '' ? [] : header.split(',');
      if (!members.every((member) => legal.test(member))) t.fail(`illegal: ${JSON.stringify(header)}`);
      if (new W3CTraceState(header).serialize() !== header) t.fail(`not stable: ${JSON.stringify(header)}`);
    }
    t.pass('3000 headers');
  });
});
