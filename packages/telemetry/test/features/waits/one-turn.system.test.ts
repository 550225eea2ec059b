import t from 'tap';
import { tracer } from '../../../src/common/tracer.ts';
import { open } from '../../../src/road/spans/open-spans.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { runTraced } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

// Alone in its process: it opens more spans than telemetry keeps.

const MANY = 200_000;

// When each span looked at all that began in its turn, this took minutes.
t.test('200,000 spans of one turn are sent, or counted as lost and said', async (t) => {
  const receiver = await startReceiver(t);
  const script = `
    const { trace } = await import('@opentelemetry/api');
    const tracer = trace.getTracer('job');
    await new Promise((turn) => setTimeout(turn, 50));
    withSpan('job', {}, () => {
      for (let index = 0; index < ${MANY - 1}; index++) tracer.startSpan('step').end();
    });`;
  const child = await runTraced(t, script, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_TRACES_EXPORTER: 'otlp',
    TRACE_WAITS: 'true',
  });
  const lines = child.output().split('\n');
  const said = lines.find((line) => line.includes('"telemetry.end"')) ?? '';
  const [{ exported, lost, spool }] = JSON.parse(said).telemetry.spans;
  t.equal(exported + spool.items + lost.queue_full, MANY, said);
  const received = new Set(receiver.spans().map(({ spanId }) => spanId));
  t.ok(received.size >= exported && lost.queue_full < MANY, `${received.size} received`);
});

t.test('of more open spans than are kept, the last 10,000 are', async (t) => {
  const telemetry = createTestTelemetry();
  t.teardown(() => telemetry.shutdown());
  const spans = Array.from({ length: 25_000 }, () => tracer().startSpan('open'));
  const kept = [...open];
  t.ok(kept.length >= 10_000 && kept.length <= 11_000, `${kept.length}`);
  t.strictSame(
    kept.map((span) => span.spanContext().spanId),
    spans.slice(-kept.length).map((span) => span.spanContext().spanId),
  );
  for (const span of spans) span.end();
  t.equal(open.size, 0);
});

t.test('each of many spans in a stall says the whole time that it stood still', async (t) => {
  const telemetry = createTestTelemetry({ waits: true });
  t.teardown(() => telemetry.shutdown());
  await new Promise((turn) => setTimeout(turn, 50));
  const spans = Array.from({ length: 3_000 }, () => tracer().startSpan('waits'));
  for (const end = performance.now() + 100; performance.now() < end; );
  for (const span of spans) span.end();
  const told = telemetry.spans().map(({ events, attributes, duration }) => [
    events.some(({ name }) => name === 'stall'),
    Number(attributes['tandem.stalled_ms']) * 2 >= duration[1] / 1e6, // on a busy machine it begins late
  ]);
  t.equal(told.length, 3_000);
  t.strictSame([...new Set(told.map(String))], ['true,true']);
});
