import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Attributes, Meter } from '@opentelemetry/api';
import { createNoopMeter, metrics } from '@opentelemetry/api';
import { hrTimeToNanoseconds } from '@opentelemetry/core';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { freePort } from '../../../../../test/helpers/processes.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { undici } from '../../../src/node/undici/official.ts';
import { endOpenSpans } from '../../../src/road/spans/open-spans.ts';
import { createTestTelemetry } from '../../../src/testing/index.ts';
import { serve } from '../../serve.ts';

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

t.test('the duration of each request goes once to a provider of metrics that was there before', async (t) => {
  const recorded: [seconds: number, attributes: Attributes][] = [];
  const meter: Meter = Object.assign(Object.create(createNoopMeter()), {
    createHistogram: () => ({
      record: (seconds: number, attributes: Attributes) => recorded.push([seconds, attributes]),
    }),
  });
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  for (const isSampled of [true, false]) {
    recorded.length = 0;
    const sampler = isSampled ? new AlwaysOnSampler() : new AlwaysOffSampler();
    const telemetry = createTestTelemetry({ sampler });
    const stop = undici()();
    const port = await serve(t, createServer(answer));
    const url = `http://127.0.0.1:${port}`;
    await (await fetch(url)).text();
    await (await fetch(`${url}/missing`)).text();
    await t.rejects(fetch(`${url}/drop`));
    await t.rejects(fetch(`http://127.0.0.1:${await freePort()}/`));
    await t.rejects(fetch(`${url}/waits`, { signal: AbortSignal.timeout(500) }));
    const cancelling = new AbortController();
    const cancelled = t.rejects(fetch(`${url}/waits`, { signal: cancelling.signal }));
    setTimeout(() => cancelling.abort(), 500);
    await cancelled;
    const unread = isSampled ? [await fetch(`${url}/long`)] : []; // stays referenced
    await until(() => recorded.length >= 6 + unread.length);
    endOpenSpans();
    const told = recorded.map(([seconds, attributes]) => {
      t.ok(seconds > 0, 'in seconds');
      return `${attributes['http.response.status_code']} ${attributes['error.type']}`;
    });
    const expected = [
      ...unread.map(() => '200 undefined'),
      '200 undefined',
      '404 404',
      'undefined ECONNREFUSED',
      'undefined TimeoutError',
      'undefined UND_ERR_SOCKET',
      'undefined undefined', // given up by its caller
    ];
    t.same(told.toSorted(), expected);
    stop();
    await telemetry.shutdown();
  }
  metrics.disable();
});

function answer({ url, socket }: IncomingMessage, response: ServerResponse): void {
  if (url === '/drop') socket.destroy();
  else if (url === '/missing') response.writeHead(404).end();
  else if (url === '/long') response.end(Buffer.alloc(2_000_000));
  else if (url !== '/waits') response.end('ok');
}
