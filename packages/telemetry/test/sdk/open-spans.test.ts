import { SpanStatusCode, trace } from '@opentelemetry/api';
import t from 'tap';
import type { SpanProcessor } from '../../src/opentelemetry/sdk.ts';
import { OpenSpans } from '../../src/sdk/open-spans.ts';
import { withSpan } from '../../src/sdk/with-span.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';

/** Open spans of a process that has these processors besides. */
function start(t: { teardown(undo: () => unknown): unknown }, ...others: SpanProcessor[]) {
  const open = new OpenSpans();
  const telemetry = createTestTelemetry({ spanProcessors: [open, ...others] });
  t.teardown(() => telemetry.shutdown());
  return { open, spans: telemetry.spans };
}

const tracer = () => trace.getTracer('test');
const forever = () => new Promise<void>(() => {});

t.test('children end before their parents, and within them', async (t) => {
  const { open, spans } = start(t);
  void withSpan('outer', {}, () => withSpan('inner', {}, forever));
  withSpan('ended', {}, () => {});
  open.endAll();
  const [ended, inner, outer] = spans();
  t.strictSame([ended?.name, inner?.name, outer?.name], ['ended', 'inner', 'outer']);
  t.strictSame(ended?.attributes, {});
  t.ok((outer?.endTime ?? 0) >= (inner?.endTime ?? 0));
  t.match(inner, {
    status: { code: SpanStatusCode.ERROR, message: 'the process ended while this span was open' },
    attributes: { 'tandem.process_ended': true, 'error.type': 'process_ended' },
  });
  open.endAll();
  t.equal(spans().length, 3, 'each once');
});

t.test('what a span says of itself stays', async (t) => {
  const { open, spans } = start(t);
  tracer().startSpan('done').setStatus({ code: SpanStatusCode.OK });
  tracer().startSpan('failed').setStatus({ code: SpanStatusCode.ERROR, message: 'mine' });
  open.endAll();
  t.match(spans(), [
    { name: 'failed', status: { message: 'mine' }, attributes: { 'error.type': undefined } },
    { name: 'done', status: { code: SpanStatusCode.OK } },
  ]);
});

t.test('an uncaught error is that of the active span and of those around it alone', async (t) => {
  const { open, spans } = start(t);
  void withSpan('another request', {}, forever);
  void withSpan('request', {}, () => {
    void withSpan('beside', {}, forever);
    withSpan('over', {}, () => setImmediate(() => open.recordUncaught(new RangeError('boom'))));
    return forever();
  });
  await new Promise(setImmediate);
  open.endAll();
  const failed = spans().filter(({ events }) => events.length > 0);
  t.match(failed, [
    { name: 'request', status: { message: 'boom' }, attributes: { 'error.type': 'RangeError' } },
  ]);
  t.equal(failed.length, 1);
});

t.test('what cannot be read, and processors that throw, cost nobody else', async (t) => {
  const throwing: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      if (span.name === 'bad') throw new Error('cannot end');
    },
    async forceFlush() {},
    async shutdown() {},
  };
  const { open, spans } = start(t, throwing);
  for (const name of ['first', 'bad', 'last']) tracer().startSpan(name);
  const unreadable = Object.defineProperty(new Error(), 'message', {
    get: () => {
      throw new Error('cannot be read');
    },
  });
  withSpan('active', {}, () => open.recordUncaught(unreadable));
  open.endAll();
  t.strictSame(
    spans().map(({ name }) => name),
    ['active', 'last', 'first'],
  );
});

t.test('of spans that nobody ends the oldest are forgotten', async (t) => {
  const { open, spans } = start(t);
  const names = Array.from({ length: 30_000 }, (_, index) => String(index));
  for (const name of names) tracer().startSpan(name);
  open.endAll();
  t.ok(spans().length < 15_000, `${spans().length} were kept`);
  t.strictSame(
    spans()
      .map(({ name }) => name)
      .reverse(),
    names.slice(-spans().length),
  );
});
