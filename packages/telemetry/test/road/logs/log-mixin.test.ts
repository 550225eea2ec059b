import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import pino from 'pino';
import t from 'tap';
import { activeTraceId, logMixin, withSpan } from '../../../src/index.ts';
import { logServiceName } from '../../../src/road/logs/log-mixin.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());

t.test('a log line inside a span leads to it; outside it carries the service only', async (t) => {
  logServiceName.value = 'unit';
  t.teardown(() => {
    logServiceName.value = undefined;
  });
  const lines: Record<string, unknown>[] = [];
  const log = pino({ mixin: logMixin }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const { traceId, spanId } = withSpan('work', {}, (span) => {
    log.info('inside');
    t.equal(activeTraceId(), span.spanContext().traceId);
    return span.spanContext();
  });
  log.info('outside');
  t.match(lines[0], {
    msg: 'inside',
    trace_id: traceId,
    span_id: spanId,
    trace_flags: '01',
    'service.name': 'unit',
  });
  t.match(lines[1], { msg: 'outside', 'service.name': 'unit' });
  t.notOk('trace_id' in (lines[1] ?? {}));
  t.equal(activeTraceId(), undefined);
});

t.test('a line inside a span that is left out carries no ids of zeros', async (t) => {
  context.with(suppressTracing(ROOT_CONTEXT), () =>
    withSpan('suppressed', {}, () => {
      t.same(logMixin(), {});
      t.equal(activeTraceId(), undefined);
    }),
  );
});
