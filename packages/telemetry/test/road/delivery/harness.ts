import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Span } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import type { DestinationCounters } from '../../../src/road/delivery/counters.ts';
import type { DurableExport, DurableExportOptions } from '../../../src/road/delivery/durable-export.ts';
import { createDurableExport } from '../../../src/road/delivery/durable-export.ts';
import type { Destination } from '../../../src/road/delivery/http-exporter.ts';
import type { Logger } from '../../../src/road/delivery/logger.ts';
import { spansBy } from '../../../src/road/delivery/signal.ts';
import { processorOf } from '../../../src/road/spans/span-steps.ts';
import { ENGINE } from '../../engines.ts';

/** The parts of a tap test that the helpers need. */
export interface Test {
  teardown(handler: () => unknown): void;
}

export interface Harness {
  readonly delivery: DurableExport;
  readonly logged: string[];
  /** Makes and ends spans with these names. */
  end(...names: string[]): ReadableSpan[];
  /** The counters of the first destination. */
  counters(): DestinationCounters;
  /** `ended + recovered = exported + lost + handedOver + waiting`, at every destination. */
  isBalanced(): boolean;
}

type Options = Partial<Omit<DurableExportOptions, 'destinations' | 'batch'>> & {
  readonly destinations?: readonly Partial<Destination>[];
  readonly batch?: Partial<DurableExportOptions['batch']>;
};

/** A place where nobody listens. */
const NOWHERE = { url: 'http://127.0.0.1:1/v1/traces' };

/** A place where no spool can be made. */
const NO_DISK = '/dev/null';

/** Starts a delivery to a backend, and shuts the delivery down after the test. */
export function deliverTo(t: Test, { tracesUrl: url }: OtlpReceiver, options: Options = {}): Harness {
  return startDelivery(t, { destinations: [{ url }], ...options });
}

/**
 * Starts a delivery, by default to a place where nobody listens, and shuts the delivery down after the test. Without a
 * folder, the disk takes nothing.
 */
export function startDelivery(
  t: Test,
  { destinations = [NOWHERE], batch, ...options }: Options = {},
): Harness {
  const logged: string[] = [];
  const write = (_fields: object, message: string) => {
    if (!message.includes(`${NO_DISK}/spool/test-service`) || options.dataDirectory) logged.push(message);
  };
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const delivery = createDurableExport({
    signal: ENGINE_SPANS,
    serviceName: 'test-service',
    batch: {
      maxQueueSize: 2048,
      maxExportBatchSize: 512,
      scheduleDelayMs: 50,
      exportTimeoutMs: 700,
      ...batch,
    },
    dataDirectory: NO_DISK,
    log,
    ...options,
    destinations: destinations.map((destination, index) => ({
      name: `destination-${index}`,
      ...NOWHERE,
      ...destination,
    })),
  });
  t.teardown(() => delivery.shutdown(0));
  const tracer = tracerOf(delivery);
  return {
    delivery,
    logged,
    end: (...names) =>
      names.map((name) => {
        const span = tracer.startSpan(name);
        span.end();
        // The SDK's processors and exporters read these spans.
        return span as Span & ReadableSpan;
      }),
    counters: () => delivery.counters()[0] as DestinationCounters,
    isBalanced: () =>
      delivery.counters().every(({ ended, recovered, exported, lost, handedOver, queue, spool }) => {
        const losses = Object.values(lost).reduce((sum, count) => sum + count, 0);
        return ended + recovered === exported + losses + handedOver + queue.items + spool.items;
      }),
  };
}

/** A tracer of the engine whose spans go to the delivery. */
export function tracerOf({ processor }: Pick<DurableExport, 'processor'>) {
  const provider = ENGINE.createProvider({
    resource: resourceFromAttributes({ 'service.name': 'test-service' }),
    spanProcessors: [processorOf([processor])],
  });
  return provider.getTracer('test');
}

/** The spans of the engine. */
export const ENGINE_SPANS = spansBy(ENGINE);

/** Ended spans with these names. */
export function spansWithNames(...names: string[]): ReadableSpan[] {
  const ended: ReadableSpan[] = [];
  const onEnd = (span: ReadableSpan) => void ended.push(span);
  const processor = { onStart() {}, onEnd, async forceFlush() {}, async shutdown() {} };
  const tracer = new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('test');
  for (const name of names) tracer.startSpan(name).end();
  return ended;
}

/** Names `prefix-0` … in order. */
export function names(count: number, prefix = 'span'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** Makes a directory, and removes the directory after the test. */
export function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-delivery-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The spool's files below a folder, also claimed files, oldest first. */
export function spoolFilesIn(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.includes('.spans'))
    .map((name) => join(directory, name))
    .sort();
}
