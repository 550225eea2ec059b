import type { ExportFailure } from '../failures/export-failure.ts';
import { isMisconfigured } from '../failures/export-failure.ts';
import type { FailureReporter } from '../failures/failure-reporter.ts';
import type { Batch } from '../wire/batch.ts';
import { splitBatch } from '../wire/split-batch.ts';
import type { Sender } from './sender.ts';
import type { SignalName } from './signal.ts';
import type { Tally } from './tally.ts';

/** So many single items refused for their size in a row, and nothing taken between them, is no matter of their size. */
const PATIENCE_ITEMS = 8;

export interface DeliverOptions {
  readonly sender: Sender;
  readonly url: string;
  readonly reporter: Pick<FailureReporter, 'report' | 'recovered'>;
  readonly tally: Tally;
  readonly signal: SignalName;
  /** Whether the batch is to be kept when it is refused because something is to be mended (see `isMisconfigured`). */
  readonly isKept: boolean;
  /** How many items are on disk, beside a batch that is not kept. */
  readonly held: () => number;
}

/** Why nothing should be sent for a while, and what has to be sent again then, if anything; undefined when all is done. */
export type Undelivered =
  | {
      readonly rest: Batch | undefined;
      readonly failure: ExportFailure;
      /** Whether it is refused until somebody has mended something. */
      readonly isMisconfigured?: boolean;
    }
  | undefined;

/**
 * Makes one attempt to send a batch, in halves when the backend finds it too large, and counts what became of its
 * items. It stops halving when single items are refused again and again. Never rejects.
 */
export async function deliver(options: DeliverOptions, batch: Batch): Promise<Undelivered> {
  const { sender, url, reporter, tally } = options;
  const result = await sender.post(batch);
  const { failure, kind } = result;
  tally.requests[kind]++;
  if (kind === 'taken' || kind === 'refused') tally.tooLargeInARow = 0;
  if (kind !== 'taken') tally.isFailing = true;
  switch (result.kind) {
    case 'taken': {
      const rejected = Math.min(result.rejected, batch.items);
      tally.exported += batch.items - rejected;
      tally.lost.rejected += rejected;
      if (failure) reporter.report(failure, rejected);
      else if (tally.isFailing) reporter.recovered(url);
      tally.isFailing = failure !== undefined;
      return undefined;
    }
    case 'retry':
      reporter.report(result.failure, 0);
      return { rest: batch, failure: result.failure };
    case 'too-large': {
      if (batch.items > 1) return deliverHalves(options, batch);
      tally.lost.too_large += batch.items;
      reporter.report(result.failure, batch.items);
      const isPatient = ++tally.tooLargeInARow % PATIENCE_ITEMS !== 0;
      return isPatient ? undefined : { rest: undefined, failure: result.failure };
    }
    case 'refused': {
      const isToMend = isMisconfigured(result.failure, options.signal.name);
      const isKept = isToMend && options.isKept;
      const lost = isKept ? 0 : batch.items;
      tally.lost.rejected += lost;
      reporter.report(result.failure, lost, isToMend ? options.held() : 0);
      if (!isToMend) return undefined;
      return { rest: isKept ? batch : undefined, failure: result.failure, isMisconfigured: true };
    }
  }
}

async function deliverHalves(options: DeliverOptions, batch: Batch): Promise<Undelivered> {
  const [first, second] = splitBatch(batch);
  const left = await deliver(options, first);
  if (left === undefined) return deliver(options, second);
  return { ...left, rest: left.rest ? joinBatches([left.rest, second]) : second };
}

/** Several batches as one request. */
export function joinBatches(batches: readonly Batch[]): Batch {
  const [only] = batches;
  if (only && batches.length === 1) return only;
  return {
    body: Buffer.concat(batches.map((batch) => batch.body)),
    items: batches.reduce((sum, batch) => sum + batch.items, 0),
  };
}
