import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { startReceiver } from '../../receiver.ts';
import { spoolFilesIn } from './harness.ts';

/** The export around a NodeTracerProvider as OpenTelemetry has it, without anything else of telemetry. */
const SERVICE = `
  import { trace } from '@opentelemetry/api';
  import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
  import { createDurableExport } from './src/road/delivery/durable-export.ts';
  import { SPANS } from './src/road/delivery/signal.ts';

  const spans = createDurableExport({
    signal: SPANS,
    serviceName: 'shop',
    destinations: [{ name: 'otlp', url: process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces' }],
    dataDirectory: process.env.DATA_DIR,
    batch: { maxQueueSize: 32_768, maxExportBatchSize: 2_048, scheduleDelayMs: 300, exportTimeoutMs: 30_000 },
    log: { debug() {}, info() {}, warn: console.error, error: console.error },
  });
  new NodeTracerProvider({ spanProcessors: [spans.processor] }).register();
  process.once('exit', () => spans.spillSync());
  trace.getTracer('shop').startSpan('sale').end();
`;

t.test('a plain provider loses no span of a process that ends while its backend is down', async (t) => {
  const data = t.testdir();
  const receiver = await startReceiver(t, { status: 503 });
  const files = () => (existsSync(join(data, 'spool')) ? spoolFilesIn(data) : []);
  const run = (rest: string) => {
    const child = startNode('packages/telemetry', ['--input-type=module', '--eval', SERVICE + rest], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      DATA_DIR: data,
    });
    t.teardown(() => child.stop('SIGKILL'));
    return child;
  };
  const first = run('process.exit(0);');
  t.equal(await first.exited, 0, first.output());
  t.equal(files().length, 1, 'the span is on disk');
  t.same(receiver.accepted, []);

  receiver.answer = () => ({ status: 200 });
  run('setInterval(() => {}, 1_000);');
  await until(() => receiver.accepted.length === 2);
  t.same(receiver.accepted, ['sale', 'sale'], 'its own span, and that of the first process');
  await until(() => files().length === 0);
});
