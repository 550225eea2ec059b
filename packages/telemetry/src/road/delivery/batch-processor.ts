import { TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { clearTimeout, setTimeout } from '../../common/primordials.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';
import type { Outbox } from './outbox.ts';
import type { Item, Signal } from './signal.ts';

/** Items that become compact together. A single item finds cold caches; larger groups survive garbage collections. */
const COMPACTED_TOGETHER = 64;

/**
 * Collects ended spans, or emitted log records, and hands batches over. Unlike the official BatchSpanProcessor, a dying
 * process can write all waiting items to disk, and each item that does not fit is counted.
 */
export class BatchProcessor implements SpanProcessor, LogRecordProcessor {
  readonly #settings: TelemetrySettings['batch'];
  readonly #outboxes: readonly Pick<Outbox, 'add' | 'flush'>[];
  readonly #signal: Signal;
  readonly #timer: NodeJS.Timeout;
  #waiting: Item[] = [];
  #isStopped = false;

  constructor(
    settings: TelemetrySettings['batch'],
    outboxes: readonly Pick<Outbox, 'add' | 'flush'>[],
    signal: Signal,
  ) {
    this.#settings = settings;
    this.#outboxes = outboxes;
    this.#signal = signal;
    this.#timer = setTimeout(() => this.closeBatch(), settings.scheduleDelayMs).unref();
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#add(span);
  }

  onEmit(record: Item): void {
    this.#add(record);
  }

  #add(item: Item): void {
    const waiting = this.#waiting.push(item);
    if (waiting % COMPACTED_TOGETHER === 0)
      this.#signal.compact?.(this.#waiting, waiting - COMPACTED_TOGETHER);
    if (waiting >= this.#settings.maxExportBatchSize || this.#isStopped) this.closeBatch();
    else if (waiting === 1) this.#timer.refresh();
  }

  /** Hands all waiting items over. */
  closeBatch(): void {
    const items = this.#waiting;
    if (items.length === 0) return;
    this.#waiting = [];
    const request = new ExportRequest(items, this.#signal);
    for (const outbox of this.#outboxes) outbox.add(request);
  }

  async forceFlush(): Promise<void> {
    this.closeBatch();
    await Promise.all(this.#outboxes.map((outbox) => outbox.flush()));
  }

  /** Hands later items over at once. A stopped outbox counts later items as lost. */
  async shutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.forceFlush();
  }
}

/** The export request of a batch, encoded once for all destinations and their files. */
export class ExportRequest {
  readonly #signal: Signal;
  #items: Item[];
  #body: Uint8Array | undefined;
  /** The number of items; of those that can be encoded, once the request is encoded. */
  length: number;

  constructor(items: Item[], signal: Signal) {
    this.#signal = signal;
    this.#items = items;
    this.length = items.length;
  }

  /** The request in protobuf. An item that cannot be encoded must not spoil a whole batch, and is left out. */
  encode(): Uint8Array {
    this.#body ??= this.#encodeItems() ?? new Uint8Array();
    this.#items = []; // from now on, the bytes are enough
    return this.#body;
  }

  #encodeItems(): Uint8Array | undefined {
    try {
      return this.#signal.encode(this.#items);
    } catch {
      this.#items = this.#items.filter((item) => this.#isEncodable(item));
      return this.#signal.encode(this.#items);
    }
  }

  #isEncodable(item: Item): boolean {
    try {
      this.#signal.encode([item]);
      return true;
    } catch {
      this.length--;
      return false;
    }
  }
}
