import { SpanKind, trace } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../src/index.ts';
import { assertConventions, createTestTelemetry } from '../../src/testing/index.ts';

const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());

t.test(
  'spans that keep to the conventions pass, those that do not are named with their faults',
  async (t) => {
    withSpan('work', { 'app.answer': 42 }, () => {});
    t.doesNotThrow(() => assertConventions(telemetry.spans()));

    const request = { 'http.request.method': 'GET', 'http.method': 'GET' };
    trace.getTracer('test').startSpan('GET', { kind: SpanKind.CLIENT, attributes: request }).end();
    t.throws(() => assertConventions(telemetry.spans()), {
      name: 'AssertionError',
      message: /CLIENT GET: url\.full is missing: .*\n.*CLIENT GET: http\.method is deprecated/s,
    });
  },
);
