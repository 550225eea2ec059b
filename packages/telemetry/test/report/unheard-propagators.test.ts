import { defaultTextMapGetter, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import t from 'tap';
import { Propagator } from '../../src/context/propagator.ts';
import { noticeUnheard } from '../../src/report/unheard-propagators.ts';
import type { PropagatorName } from '../../src/settings/propagators.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const B3 = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1';

/** What is said after these requests have come, each so many times. */
function warningsOf(
  names: PropagatorName[],
  ...requests: [times: number, headers: Record<string, string>][]
): string[] {
  const warnings: string[] = [];
  const propagator = new Propagator(names);
  noticeUnheard(propagator, names, (message) => warnings.push(message));
  for (const [times, headers] of requests) {
    for (let count = 0; count < times; count++)
      propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  }
  return warnings;
}

t.test(
  '100 requests whose parent nobody reads are one warning, with the setting that reads it',
  async (t) => {
    t.strictSame(warningsOf(['b3'], [99, { traceparent: TRACEPARENT }]), []);
    t.strictSame(warningsOf(['b3', 'baggage'], [500, { traceparent: TRACEPARENT }]), [
      '100 requests came with the header traceparent, and none with a parent that OTEL_PROPAGATORS=b3,baggage reads: ' +
        'their traces break here. Set OTEL_PROPAGATORS=tracecontext,b3,baggage, or let the callers send what is read.',
    ]);
    t.match(warningsOf(['tracecontext', 'baggage'], [100, { b3: B3 }]), [/=b3,tracecontext,baggage/]);
    t.match(warningsOf(['tracecontext'], [100, { 'x-amzn-trace-id': 'Root=1-a-b' }]), [/=xray,tracecontext/]);
    t.match(warningsOf(['b3'], [100, { 'uber-trace-id': 'a:b:0:1' }]), [/=jaeger,b3/]);
    t.match(warningsOf(['xray'], [100, { 'x-b3-traceid': '0af7651916cd43dd' }]), [/=b3multi,xray/]);
  },
);

t.test('as soon as anybody sends what is read, all is as it was meant', async (t) => {
  t.strictSame(
    warningsOf(
      ['b3'],
      [99, { traceparent: TRACEPARENT }],
      [1, { b3: B3 }],
      [500, { traceparent: TRACEPARENT }],
    ),
    [],
  );
});

t.test('requests without a parent say nothing, and neither does one that is read', async (t) => {
  t.strictSame(warningsOf(['tracecontext', 'baggage'], [200, {}], [200, { traceparent: TRACEPARENT }]), []);
  t.strictSame(warningsOf(['b3multi'], [200, { b3: B3 }]), [], 'both b3 propagators read both forms');
  t.strictSame(warningsOf(['tracecontext', 'b3', 'xray'], [200, { traceparent: 'malformed' }]), []);
});

t.test('no propagators were meant to be none: nobody looks', async (t) => {
  t.strictSame(warningsOf(['none'], [200, { traceparent: TRACEPARENT }]), []);
  t.strictSame(warningsOf(['baggage'], [200, { traceparent: TRACEPARENT }]), []);
});

t.test('contexts and headers are those of the propagator itself', async (t) => {
  const plain = new Propagator(['b3']);
  const noticing = new Propagator(['b3']);
  noticeUnheard(noticing, ['b3'], () => {});
  const extracted = noticing.extract(ROOT_CONTEXT, { b3: B3 }, defaultTextMapGetter);
  t.match(trace.getSpanContext(extracted), { spanId: 'b7ad6b7169203331' });
  const carrier: Record<string, string> = {};
  noticing.inject(extracted, carrier, { set: (into: typeof carrier, key, value) => (into[key] = value) });
  t.strictSame(carrier, { b3: B3 });
  t.strictSame(noticing.fields(), plain.fields());
  t.equal(propagation.getBaggage(extracted), undefined);
});
