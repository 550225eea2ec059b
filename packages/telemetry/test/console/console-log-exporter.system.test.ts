import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import { startTraced } from '../child-process.ts';

// Each test is a process.
t.jobs = 3;

const emit = `
  import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
  import { logs } from '@opentelemetry/api-logs';
  import pino from 'pino';
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const timestamp = [1_700_000_000, 123_456_789];
  function emit(loggers) {
    const logger = loggers.getLogger('cart', '1.2.3');
    logger.emit({
      timestamp,
      severityNumber: 13,
      severityText: 'Warning',
      eventName: 'cart.full',
      body: { items: [1, { deep: { deeper: { deepest: true } } }], none: null },
      attributes: { 'cart.id': 7, long: 'x'.repeat(200), list: ['a', null], bytes: new Uint8Array([1, 2]) },
      context: trace.setSpanContext(ROOT_CONTEXT, span),
    });
    logger.emit({ timestamp, body: 'bare' });
  }
`;

const EXPORTERS = [
  ['otlp,console', true, true],
  ['none', false, false],
  ['console', true, false],
  ['otlp', false, true],
  ['', false, true],
] as const;

for (const [exporters, isPrinted, isSent] of IS_NIGHT ? EXPORTERS : EXPORTERS.slice(0, 2))
  t.test(`OTEL_LOGS_EXPORTER=${exporters}`, { buffered: true }, async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    const script = `
      ${emit}
      pino().warn({ user: { id: 7 } }, 'a line');
      withSpan('a span', {}, () => emit(logs));
    `;
    const child = startTraced(script, {
      OTEL_LOGS_EXPORTER: exporters,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      DATA_DIR: t.testdir(),
    });
    t.equal(await child.exited, 0);
    const lines = child.output().split('\n');
    t.equal(lines.filter((line) => line.startsWith('{"level":40')).length, 1, 'pino’s line stays');
    t.equal(lines.includes(`  body: 'a line',`), isPrinted);
    t.equal(lines.includes(`  attributes: { user: { id: 7 } },`), isPrinted);
    t.equal(lines.includes(`  body: 'bare',`), isPrinted);
    t.strictSame(receiver.accepted, ['a span'], 'spans go their own way');
    const sent = receiver.logRecords().map(({ body }) => body);
    t.equal(sent.includes('a line') && sent.includes('bare'), isSent);
    if (!isSent) t.equal(receiver.logRequests.length, 0);
  });
