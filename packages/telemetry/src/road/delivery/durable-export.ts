import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { statusOf } from '../../common/files.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';
import { BatchProcessor } from './batch-processor.ts';
import type { DestinationCounters } from './counters.ts';
import { DestinationReport } from './destination-report.ts';
import type { Destination } from './http-exporter.ts';
import { HttpExporter } from './http-exporter.ts';
import type { LastRequest } from './last-requests.ts';
import type { Logger } from './logger.ts';
import { Outbox } from './outbox.ts';
import type { Signal } from './signal.ts';
import type { WriteFile } from './spool.ts';
import { Spool } from './spool.ts';

/** Space on disk for all destinations: some 130,000 usual spans and 100,000 lines. Lines never take the space of spans. */
const SPOOL_BYTES = { traces: 64 * 1024 * 1024, logs: 32 * 1024 * 1024, metrics: 0 };

export interface DurableExportOptions {
  readonly signal: Signal;
  /** Names the service's part of the spool. */
  readonly serviceName: string;
  readonly destinations: readonly Destination[];
  /** DATA_DIR as an absolute path. The spool is a folder in DATA_DIR for this user only, made on first use. */
  readonly dataDirectory: string;
  readonly batch: TelemetrySettings['batch'];
  readonly log: Logger;
  /** Values that no message may show. */
  readonly secrets?: readonly string[];
  /** Duration of a process's claim on a file, in milliseconds; default a minute. */
  readonly claimMs?: number;
  /** How the spool writes a file; default: on disk. */
  readonly writeFile?: WriteFile;
}

/** Brings the items of one signal to their destinations. */
export interface DurableExport {
  /** Takes ended spans and emitted log records. Comes after processors that change items. */
  readonly processor: BatchProcessor;
  counters(): DestinationCounters[];
  /** Resolves when each waiting item is sent, or is on disk, or cannot be sent at the moment. Never rejects. */
  flush(): Promise<void>;
  /** Sends for at most `deadlineMs`, keeps the rest on disk, and stops; a second call waits for the first. Never rejects. */
  shutdown(deadlineMs: number): Promise<void>;
  /**
   * Writes items that are only in memory to disk; returns how many the disk did not take. Never throws.
   *
   * @param isLast whether the thread ends, so that others send its files, and what the disk did not take is lost; default true
   */
  spillSync(isLast?: boolean): number;
  /**
   * What is to be sent at the end of the process: everything in memory, which is on disk too from now on, and files of earlier
   * processes. {@link spillSync} afterwards leaves what was not sent to others. Never throws.
   */
  lastRequests(): LastRequest[];
}

/** Most files of a destination that a process sends at its end. Later ones of the rest are for the next start. */
const LAST_FILES = 64;

/**
 * Sends items by the official exporters, and loses as few items as possible. The disk keeps unsent items, one export
 * request per file, and a later try sends the files. See docs/adr/0008-delivery.md.
 */
export function createDurableExport(options: DurableExportOptions): DurableExport {
  const { signal, batch, destinations } = options;
  const ways = destinations.map((destination) => createWay(options, destination));
  const outboxes = ways.map(({ outbox }) => outbox);
  const processor = new BatchProcessor(batch, outboxes, signal);
  let stopping: Promise<void> | undefined;
  const stop = async (deadlineMs: number) => {
    void processor.shutdown();
    await Promise.all(outboxes.map((outbox) => outbox.shutdown(deadlineMs)));
  };
  return {
    processor,
    counters: () => outboxes.map((outbox) => outbox.counters()),
    flush: () => processor.forceFlush(),
    shutdown(deadlineMs) {
      stopping ??= stop(deadlineMs);
      return stopping;
    },
    spillSync(isLast = true) {
      processor.closeBatch();
      return outboxes.reduce((lost, outbox) => lost + outbox.spillSync(isLast), 0);
    },
    lastRequests() {
      processor.closeBatch();
      return ways.flatMap(lastRequestsOf);
    },
  };
}

/** The parts that bring items to one destination. */
interface Way {
  readonly outbox: Outbox;
  readonly spool: Spool;
  readonly exporter: HttpExporter;
  readonly report: DestinationReport;
}

function lastRequestsOf({ outbox, spool, exporter, report }: Way): LastRequest[] {
  outbox.spillSync(false);
  const { target } = exporter;
  const onDisk = spool.takeSync(LAST_FILES).map(
    ({ file, body }): LastRequest => ({
      target,
      body,
      done(answer) {
        const outcome = answer && exporter.outcomeOf(answer);
        if (outcome?.kind === 'too-large' && file.items > 1) return; // the next start sends its halves
        if (outcome) report.settled(outcome, file.items, body.length);
        if (outcome && outcome.kind !== 'retry') spool.removeSync(file);
      },
    }),
  );
  const inMemory = outbox.takeUnsaved().map(
    ({ body, items }): LastRequest => ({
      target,
      body,
      done(answer) {
        const outcome = answer && exporter.outcomeOf(answer);
        if (outcome) report.settled(outcome, items, body.length);
        if (!outcome || outcome.kind === 'retry') report.lose('shutdown', items);
      },
    }),
  );
  return [...onDisk, ...inMemory];
}

function createWay(options: DurableExportOptions, destination: Destination): Way {
  const { signal, batch, destinations, serviceName, dataDirectory, log, secrets = [] } = options;
  const { name } = destination;
  const report = new DestinationReport({ name, signal, log, secrets });
  const folder = signal.name === 'traces' ? name : `${name}-${signal.name}`;
  const { claimMs, writeFile } = options;
  const root = join(dataDirectory, 'spool');
  const ofService = join(root, fileName(serviceName));
  const directory = join(ofService, fileName(folder));
  closeToOthers([root, ofService, directory], log);
  const spool = new Spool({
    directory,
    maxBytes: Math.floor(SPOOL_BYTES[signal.name] / destinations.length),
    claimMs,
    writeFile,
    report,
  });
  const exporter = new HttpExporter(destination, signal, batch.exportTimeoutMs);
  const outbox = new Outbox({ name, exporter, maxQueueItems: batch.maxQueueSize, spool, report });
  return { outbox, spool, exporter, report };
}

/** Takes the rights of other users to existing folders away. A new folder of the spool is for this user from the start. */
function closeToOthers(folders: readonly string[], log: Logger): void {
  for (const folder of folders.filter((each) => statusOf(each) !== undefined)) {
    try {
      chmodSync(folder, 0o700);
    } catch (error) {
      const { message = String(error) } = Object(error);
      log.warn(
        {},
        `${folder} may be open to other users: ${String(message).replace(/\.$/, '')}. Make it this user's, or set DATA_DIR.`,
      );
    }
  }
}

/** A name as one part of a path; other characters than letters, digits, dots, dashes and underscores become %XX. */
function fileName(name: string): string {
  const encoded = encodeURIComponent(name).replace(/[*'()!~]/g, '_');
  return encoded.replace(/^\.+$/, '_') || '_';
}
