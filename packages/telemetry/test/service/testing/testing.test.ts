import { AssertionError } from 'node:assert';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../../src/index.ts';
import {
  assertNoOrphans,
  assertTrace,
  createTestTelemetry,
  printTree,
} from '../../../src/service/testing/index.ts';

t.test('createTestTelemetry', async (t) => {
  t.test(
    'test telemetry behaves as telemetry in production: propagators, random trace ids and clock',
    async (t) => {
      const telemetry = createTestTelemetry({ serviceName: 'mine' });
      t.teardown(() => telemetry.shutdown());
      t.throws(() => createTestTelemetry(), { message: /has a tracer provider already/ });

      const headers = {
        traceparent: '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
        baggage: 'a=1',
      };
      const extracted = propagation.extract(ROOT_CONTEXT, headers);
      t.equal(trace.getSpanContext(extracted), undefined, 'upper case is refused');
      t.equal(propagation.getBaggage(extracted)?.getEntry('a')?.value, '1');

      const carrier: Record<string, string> = {};
      withSpan('outer', {}, () => {
        withSpan('inner', {}, () => propagation.inject(context.active(), carrier));
      });
      t.match(carrier.traceparent, /-03$/, 'sampled and random');
      const [inner, outer] = telemetry.spans();
      if (inner === undefined || outer === undefined) throw new Error('two spans were made');
      const nanoseconds = ([seconds, rest]: [number, number]) =>
        BigInt(seconds) * 1_000_000_000n + BigInt(rest);
      t.ok(nanoseconds(inner.startTime) >= nanoseconds(outer.startTime), 'the child starts after its parent');
      t.ok(nanoseconds(inner.endTime) <= nanoseconds(outer.endTime), 'and ends before it');
      t.equal(outer.resource.attributes['service.name'], 'mine');
      telemetry.reset();
      t.strictSame(telemetry.spans(), []);
    },
  );

  t.test('a test telemetry can start after the one before was shut down', async (t) => {
    await createTestTelemetry().shutdown();
    t.equal(
      withSpan('nobody looks', {}, (span) => span.isRecording()),
      false,
    );
    const second = createTestTelemetry();
    withSpan('seen', {}, () => {});
    t.equal(second.spans().length, 1);
    await second.shutdown();
  });
});

t.test('assertTrace', async (t) => {
  const telemetry = createTestTelemetry({ serviceName: 'shop' });
  t.teardown(() => telemetry.shutdown());
  t.beforeEach(() => telemetry.reset());

  /** A paid order, and another trace of one failed span. */
  function makeSpans() {
    withSpan('order', { 'order.id': 'o-1', 'order.items': 2 }, () => {
      withSpan('price', { currency: 'EUR' }, () => {});
      trace.getTracer('test').startSpan('PAY /bills', { kind: SpanKind.CLIENT }).end();
    });
    const failed = trace.getTracer('test').startSpan('clean up');
    failed.setStatus({ code: SpanStatusCode.ERROR });
    failed.end();
    return telemetry.spans();
  }

  /** The message of the failed assertion. */
  function complaintOf(tree: Parameters<typeof assertTrace>[1]): string {
    try {
      assertTrace(telemetry.spans(), tree);
    } catch (error) {
      if (error instanceof AssertionError) return error.message;
      throw error;
    }
    return 'no complaint';
  }

  t.test('a tree may have the lines of printTree, or shorter ones', async (t) => {
    const spans = makeSpans();
    t.doesNotThrow(() => assertTrace(spans, printTree(spans)));
    t.doesNotThrow(() =>
      assertTrace(
        spans,
        `
      order
        shop  price  INTERNAL
        PAY /bills  CLIENT
      clean up  ERROR
      `,
      ),
    );
  });

  t.test('a mismatch is shown as a diff of the two trees', async (t) => {
    makeSpans();
    t.match(
      complaintOf('order\n  price\n    discount\n  PAY /bills  SERVER\nclean up  ERROR'),
      [
        "    'order',",
        "    '  price',",
        "+   '  shop  PAY /bills  CLIENT',",
        "-   '    discount',",
        "-   '  PAY /bills  SERVER',",
        "    'clean up  ERROR'",
      ].join('\n'),
    );
    t.match(
      complaintOf('order\n  price\nclean up  ERROR'),
      /\+ +' {2}shop {2}PAY \/bills {2}CLIENT'/,
      'one too many',
    );
    t.match(
      complaintOf('order\n  price\n  PAY /bills\nclean up'),
      /\+ +'shop {2}clean up {2}INTERNAL {2}ERROR'/,
      'an error that should be none',
    );
    t.match(complaintOf(''), /\+ +'shop {2}order {2}INTERNAL'/);
    t.match(
      complaintOf('order\n  PAY /bills\n  price\nclean up  ERROR'),
      /- +' {2}price'/,
      'siblings in another order',
    );
  });

  t.test('no spans, no trees', async (t) => {
    t.doesNotThrow(() => assertTrace([], '\n  \n'));
    t.match(complaintOf('order'), /- +'order'/);
  });

  t.test('a tree of 3,000 levels is no trouble', async (t) => {
    const deep = Array.from({ length: 3000 }, (_, level) => `${'  '.repeat(level)}level`).join('\n');
    t.throws(() => assertTrace([], deep), { name: 'AssertionError' });
  });
});

t.test('assertNoOrphans', async (t) => {
  const telemetry = createTestTelemetry();
  t.teardown(() => telemetry.shutdown());
  t.beforeEach(() => telemetry.reset());

  const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
  const remote = { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags: 1, isRemote: true };

  t.test('whole traces pass', async (t) => {
    withSpan('outer', {}, () => withSpan('inner', {}, () => {}));
    t.doesNotThrow(() => assertNoOrphans(telemetry.spans()));
  });

  t.test('a parent that never ended is named with its child', async (t) => {
    const open = trace.getTracer('test').startSpan('open');
    context.with(trace.setSpan(ROOT_CONTEXT, open), () => withSpan('inner', {}, () => {}));
    t.throws(() => assertNoOrphans(telemetry.spans()), {
      name: 'AssertionError',
      message: `inner (trace ${open.spanContext().traceId}): its parent ${open.spanContext().spanId} is missing`,
    });
    open.end();
    t.doesNotThrow(() => assertNoOrphans(telemetry.spans()));
  });

  t.test('a parent in another process may be missing, unless all were collected', async (t) => {
    context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => withSpan('entry', {}, () => {}));
    t.doesNotThrow(() => assertNoOrphans(telemetry.spans()));
    t.throws(() => assertNoOrphans(telemetry.spans(), { allowRemote: false }), {
      message: `its parent ${remote.spanId} is missing`,
    });
  });

  t.test('a parent in another trace is none', async (t) => {
    const { spanId } = withSpan('elsewhere', {}, (span) => span.spanContext());
    const stray = { traceId: TRACE_ID, spanId, traceFlags: 1, isRemote: true };
    context.with(trace.setSpanContext(ROOT_CONTEXT, stray), () => withSpan('lost', {}, () => {}));
    t.throws(() => assertNoOrphans(telemetry.spans()), { message: /lost .* is in another trace/ });
  });
});
