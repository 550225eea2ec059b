import t from 'tap';
import { LOSS_REASONS } from '../../../src/counters.ts';
import { Tally } from '../../../src/export/tally.ts';
import { renderDeliveryMetrics } from '../../../src/report/metrics/delivery-metrics.ts';
import { names, startDelivery, temporaryDirectory } from '../../export/harness.ts';

const noCounts = () => new Tally('Spans', 'otlp', { debug() {}, info() {}, warn() {}, error() {} }).counts();

t.test('every counter of a running delivery is there, losses by reason', async (t) => {
  const spool = { directory: temporaryDirectory(t), maxBytes: 1_000_000 };
  const { delivery, end } = startDelivery(t, {
    destinations: [{ name: 'otlp', url: 'http://127.0.0.1:1/' }],
    spool,
  });
  end(...names(20));
  await delivery.flush();
  const text = renderDeliveryMetrics('traces', delivery.counters());
  for (const line of [
    'otel_sdk_processor_span_processed_total{destination="otlp"} 20',
    'otel_sdk_exporter_span_exported_total{destination="otlp"} 0',
    ...LOSS_REASONS.map(
      (reason) => `otel_sdk_exporter_span_exported_total{destination="otlp",error_type="${reason}"} 0`,
    ),
    'otel_sdk_exporter_span_spooled_total{destination="otlp"} 20',
    'otel_sdk_exporter_requests_total{destination="otlp",outcome="retry"} 1',
    'otel_sdk_exporter_spool_spans{destination="otlp"} 20',
    'otel_sdk_exporter_spool_capacity_bytes{destination="otlp"} 1000000',
  ]) {
    t.ok(text.split('\n').includes(line), line);
  }
});

t.test('the text has the form that Prometheus reads', async (t) => {
  const queue = { items: 1, bytes: 2, capacityBytes: 3 };
  const destinations = [
    { name: 'a "quoted"\\\nname', ...noCounts(), queue },
    { name: 'b', ...noCounts(), queue, spool: { items: 4, bytes: 5, capacityBytes: 6 } },
  ];
  const text = renderDeliveryMetrics('traces', { destinations });
  t.ok(text.includes('{destination="a \\"quoted\\"\\\\\\nname"}'));
  t.equal(text.match(/otel_sdk_exporter_spool_bytes\{/g)?.length, 1, 'no spool, no such line');
  const described = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const [, kind, name = ''] = /^# (HELP|TYPE) (\w+) /.exec(line) ?? [];
    if (kind === 'HELP') t.notOk(described.has(name), 'the lines of a metric are together');
    if (kind) described.add(name);
    else t.ok(described.has(/^(\w+)\{(\w+="([^"\\]|\\.)*",?)+\} \d+$/.exec(line)?.[1] ?? ''), line);
  }
  t.equal(renderDeliveryMetrics('traces', { destinations: [] }), '');
});
