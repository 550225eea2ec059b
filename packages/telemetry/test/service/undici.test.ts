import { createServer } from 'node:http';
import { hrTimeToNanoseconds } from '@opentelemetry/core';
import t from 'tap';
import { withSpan } from '../../src/common/with-span.ts';
import { createTestTelemetry } from '../../src/service/testing/index.ts';
import { undici } from '../../src/service/undici.ts';
import { serve } from '../serve.ts';

t.test('OpenTelemetry’s instrumentation makes the spans, with times to the microsecond', async (t) => {
  const telemetry = createTestTelemetry();
  const stop = undici()();
  t.teardown(async () => {
    stop();
    await telemetry.shutdown();
  });
  const port = await serve(
    t,
    createServer((_, response) => void response.end('ok')),
  );
  for (let request = 0; request < 5; request++)
    await withSpan('outer', {}, async () => (await fetch(`http://127.0.0.1:${port}/`)).text());
  const spans = telemetry.spans();
  const clients = spans.filter(({ name }) => name === 'GET');
  t.equal(clients.length, 5);
  for (const client of clients) {
    t.match(client.instrumentationScope, {
      name: '@opentelemetry/instrumentation-undici',
      version: '0.33.0',
    });
    const outer = spans.find((span) => span.spanContext().spanId === client.parentSpanContext?.spanId);
    if (outer === undefined) throw new Error('a CLIENT span without its parent');
    const [start, end] = [client.startTime, client.endTime].map(hrTimeToNanoseconds) as [number, number];
    t.ok(
      start >= hrTimeToNanoseconds(outer.startTime) && end <= hrTimeToNanoseconds(outer.endTime),
      'it lies in its parent',
    );
  }
  const startedWithinAMillisecond = clients.filter(
    ({ startTime: [, nanoseconds] }) => nanoseconds % 1_000_000 !== 0,
  );
  t.ok(startedWithinAMillisecond.length > 0, 'a start is no whole millisecond');
});
