import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Span } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { DestinationCounters } from '../../src/report/counters.ts';
import type { Pipeline, PipelineOptions } from '../../src/export/pipeline.ts';
import { createPipeline, exportSpans } from '../../src/export/pipeline.ts';
import { SPANS } from '../../src/export/signal.ts';
import type { ExportFailure } from '../../src/report/export-failure.ts';
import type { Logger } from '../../src/report/logger.ts';
import type { Destination } from '../../src/settings/destinations.ts';
import { encodeSpan } from '../../src/wire/encode-span.ts';

/** What the helpers need of a tap test. */
export interface Test {
  teardown(handler: () => unknown): void;
}

/** A pipeline of spans, and the processor in front of it. */
export interface Delivery extends Omit<Pipeline<ReadableSpan>, 'counters'> {
  readonly processor: SpanProcessor;
  counters(): { readonly destinations: readonly DestinationCounters[] };
}

export interface Harness {
  readonly delivery: Delivery;
  /** What the failure reporter was told: causes with the spans lost, and `recovered`. */
  readonly reports: string[];
  readonly logged: string[];
  /** Makes and ends spans with these names. */
  end(...names: string[]): ReadableSpan[];
  /** `ended + recovered = exported + lost + handedOver + waiting`, at every destination. */
  isBalanced(): boolean;
}

type Options = Partial<Omit<PipelineOptions, 'destinations'>> & {
  destinations: Partial<Destination>[];
};

/** A place where no spool can be made. */
const NO_DISK = '/dev/null/spool';

/** A delivery that tests can watch, shut down when the test ends; its disk takes nothing unless a spool is asked for. */
export function startDelivery(t: Test, options: Options): Harness {
  const reports: string[] = [];
  const logged: string[] = [];
  const write = (_fields: object, message: string) => {
    if (!message.includes(`${NO_DISK}/test-service`) || options.spool) logged.push(message);
  };
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const delivery = createDelivery({
    serviceName: 'test-service',
    batch: { maxQueueSize: 2048, maxExportBatchSize: 512, scheduleDelayMs: 50, exportTimeoutMs: 5_000 },
    spool: { directory: NO_DISK },
    reporter: {
      report: (failure: ExportFailure, lost: number) => void reports.push(`${failure.cause} ${lost}`),
      recovered: () => void (reports.at(-1) !== 'recovered' && reports.push('recovered')),
    },
    log,
    ...options,
    destinations: options.destinations.map((destination, index) => ({
      name: `destination-${index}`,
      url: 'http://127.0.0.1:9/v1/traces',
      headers: {},
      timeoutMs: 2_000,
      compression: 'none',
      tls: undefined,
      ...destination,
    })),
  });
  t.teardown(() => delivery.shutdown(0));
  const tracer = tracerOf(delivery);
  return {
    delivery,
    reports,
    logged,
    end: (...names) =>
      names.map((name) => {
        const span = tracer.startSpan(name);
        span.end();
        // The SDK's processors and exporters read these spans.
        return span as Span & ReadableSpan;
      }),
    isBalanced: () =>
      delivery
        .counters()
        .destinations.every(({ ended, recovered, exported, lost, handedOver, queue, spool }) => {
          const losses = Object.values(lost).reduce((sum, count) => sum + count, 0);
          return ended + recovered === exported + losses + handedOver + queue.items + (spool?.items ?? 0);
        }),
  };
}

export function createDelivery(options: PipelineOptions): Delivery {
  const pipeline = createPipeline(SPANS, encodeSpan, options);
  const processor = exportSpans(pipeline, options.batch.exportTimeoutMs);
  return { ...pipeline, processor, counters: () => ({ destinations: pipeline.counters() }) };
}

/** A tracer of the SDK whose spans go to the delivery. */
export function tracerOf(delivery: Pick<Delivery, 'processor'>) {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'test-service' }),
    spanProcessors: [delivery.processor],
  });
  return provider.getTracer('test');
}

/** Names `prefix-0` … in order. */
export function names(count: number, prefix = 'span'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** A directory that is gone when the test has ended. */
export function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-delivery-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
