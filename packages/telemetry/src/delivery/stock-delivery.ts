import { TraceFlags } from '@opentelemetry/api';
import type * as Exporter from '@opentelemetry/exporter-trace-otlp-proto';
import { loadFor } from '../environment/load-for.ts';
import { failureOfError } from '../failures/export-failure.ts';
import { proxyOptions } from '../failures/proxy.ts';
import { loadOf } from '../opentelemetry/optional-package.ts';
import type {
  BatchSpanProcessor,
  ExportResult,
  ReadableSpan,
  SpanExporter,
  SpanProcessor,
} from '../opentelemetry/sdk.ts';
import { ExportResultCode } from '../opentelemetry/sdk.ts';
import type { Destination } from '../settings/destinations.ts';
import { withinTime } from '../within-time.ts';
import type { DestinationCounters, Tally } from './counters.ts';
import { createTally } from './counters.ts';
import type { Delivery, DeliveryOptions } from './delivery.ts';

const EXPORTER = '@opentelemetry/exporter-trace-otlp-proto';

type StockConfig = NonNullable<ConstructorParameters<typeof Exporter.OTLPTraceExporter>[0]>;

/**
 * The SDK's own BatchSpanProcessor and OTLPTraceExporter, one pair per destination, behind the same interface: for
 * those who want OpenTelemetry's own (TRACE_STOCK_EXPORTER), and what {@link createDelivery} is compared with. Nothing
 * is kept on disk. What the processor drops when its queue is full stays in the counters as waiting, because the
 * processor does not tell.
 */
export function createStockDelivery(options: Omit<DeliveryOptions, 'spool' | 'maxQueueBytes'>): Delivery {
  const pairs = options.destinations.map((destination) => createPair(options, destination));
  const flush = async () => {
    await Promise.allSettled(pairs.map(({ processor }) => processor.forceFlush()));
  };
  const shutdown = async (deadlineMs: number) => {
    await withinTime(Promise.allSettled(pairs.map(({ processor }) => processor.shutdown())), deadlineMs);
    options.reporter.finish();
  };
  return {
    processor: {
      onStart() {},
      onEnd(span) {
        for (const { processor } of pairs) processor.onEnd(span);
      },
      forceFlush: flush,
      shutdown: () => shutdown(options.batch.exportTimeoutMs),
    },
    flush,
    shutdown,
    spillSync: () => pairs.reduce((sum, { counters }) => sum + counters().queue.items, 0),
    counters: () => ({ destinations: pairs.map(({ counters }) => counters()) }),
  };
}

interface Pair {
  readonly processor: Pick<SpanProcessor, 'onEnd' | 'forceFlush' | 'shutdown'>;
  counters(): DestinationCounters;
}

function createPair({ batch, reporter }: Pick<DeliveryOptions, 'batch' | 'reporter'>, to: Destination): Pair {
  const tally = createTally();
  // Loaded only here: with it come a second transport and a second serializer, which nobody else needs.
  const [{ OTLPTraceExporter }] = loadFor<[typeof Exporter]>('TRACE_STOCK_EXPORTER', EXPORTER);
  const sdk = loadOf<{ BatchSpanProcessor: typeof BatchSpanProcessor }>(EXPORTER, '@opentelemetry/sdk-trace');
  const exporter = new OTLPTraceExporter({
    url: to.url,
    headers: { ...to.headers },
    timeoutMillis: to.timeoutMs,
    // The enum's values are these words; the package that has it is not one of ours.
    compression: to.compression as NonNullable<StockConfig['compression']>,
    httpAgentOptions: { keepAlive: true, ...proxyOptions(to.url), ...to.tls },
  });
  const processor = new sdk.BatchSpanProcessor({
    exporter: observed(exporter, to.url, reporter, tally),
    maxQueueSize: batch.maxQueueSize,
    maxExportBatchSize: batch.maxExportBatchSize,
    scheduledDelayMillis: batch.scheduleDelayMs,
    exportTimeoutMillis: batch.exportTimeoutMs,
  });
  return {
    processor: {
      onEnd(span) {
        if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) tally.ended++;
        processor.onEnd(span);
      },
      forceFlush: () => processor.forceFlush(),
      shutdown: () => processor.shutdown(),
    },
    counters: () => ({
      name: to.name,
      ...structuredClone(tally),
      queue: { items: tally.ended - tally.exported - tally.lost.rejected, bytes: 0, capacityBytes: 0 },
    }),
  };
}

/**
 * The exporter, whose results are counted and reported. It has retried by the time it has one, and a failure tells no
 * more than that it gave up.
 */
function observed(
  exporter: SpanExporter,
  url: string,
  reporter: DeliveryOptions['reporter'],
  tally: Tally,
): SpanExporter {
  return {
    export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.SUCCESS) {
          tally.requests.taken++;
          tally.exported += spans.length;
          reporter.recovered(url);
        } else {
          tally.requests.refused++;
          tally.lost.rejected += spans.length;
          reporter.report(failureOfError(url, result.error), spans.length);
        }
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
