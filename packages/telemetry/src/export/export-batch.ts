import type { ExportFailure, FailureReporter } from '../failures/export-failure.ts';
import { isMisconfigured } from '../failures/export-failure.ts';
import type { Batch } from '../wire/batch.ts';
import type { Sender } from './sender.ts';
import type { SignalName } from './signal.ts';
import type { Tally } from './tally.ts';

/** So many single items refused for their size in a row, and nothing taken between them, is no matter of their size. */
const PATIENCE_ITEMS = 8;

/** Where a batch goes, and who is told of it. */
export interface ExportOptions {
  readonly sender: Sender;
  readonly url: string;
  readonly signal: SignalName;
  /** The longest time for the export, with all that a batch is split into, in milliseconds. */
  readonly timeoutMs: number;
  readonly reporter: Pick<FailureReporter, 'report' | 'recovered'>;
  readonly tally: Pick<Tally, 'exported' | 'requests' | 'lose'>;
}

/** What has to be sent again, and why nothing should be sent for a while. */
export interface Undelivered {
  readonly rest?: Batch | undefined;
  readonly failure: ExportFailure;
  /** Whether it is refused until somebody has mended something. */
  readonly isMisconfigured?: boolean;
}

/**
 * Makes one attempt to send a batch, in halves when the backend finds it too large, and counts what becomes of its items.
 *
 * @param isKept whether the batch is kept when it is refused because something is to be mended (see `isMisconfigured`)
 * @param held how many items are on disk, beside a batch that is not kept
 * @returns undefined when all is done
 */
export async function exportBatch(
  batch: Batch,
  isKept: boolean,
  held: () => number,
  { sender, url, signal, timeoutMs, reporter, tally }: ExportOptions,
): Promise<Undelivered | undefined> {
  const endsAt = performance.now() + timeoutMs;
  const parts = [batch];
  let isAnyTaken = false;
  let tooLarge = 0;
  for (let part = parts.shift(); part; part = parts.shift()) {
    const outcome = await sender.post(part, Math.max(1, endsAt - performance.now()));
    const { kind, failure } = outcome;
    tally.requests[kind]++;
    if (kind === 'taken') {
      isAnyTaken = true;
      const rejected = Math.min(outcome.rejected, part.items);
      tally.exported += part.items - rejected;
      tally.lose('rejected', rejected);
      if (failure) reporter.report(failure, rejected);
      else reporter.recovered(url);
    } else if (kind === 'retry') {
      reporter.report(failure, 0);
      return { rest: join([part, ...parts]), failure };
    } else if (kind === 'refused') {
      const isToMend = isMisconfigured(failure, signal.name);
      const lost = isToMend && isKept ? 0 : part.items;
      tally.lose('rejected', lost);
      reporter.report(failure, lost, isToMend ? held() : 0);
      if (isToMend)
        return { rest: join(lost === 0 ? [part, ...parts] : parts), failure, isMisconfigured: true };
    } else if (part.items > 1) {
      parts.unshift(...(await halvesOf(part)));
    } else {
      tally.lose('too_large', 1);
      reporter.report({ ...failure, bytes: part.body.length }, 1);
      if (!isAnyTaken && (++tooLarge === PATIENCE_ITEMS || parts.length === 0))
        return { rest: join(parts), failure };
    }
  }
  return undefined;
}

function join(parts: readonly Batch[]): Batch | undefined {
  if (parts.length < 2) return parts[0];
  const items = parts.reduce((sum, part) => sum + part.items, 0);
  return { body: Buffer.concat(parts.map(({ body }) => body)), items };
}

/** Two batches with half of the items each, in order, every item under the resource and scope it had. */
export async function halvesOf({ body, items }: Batch): Promise<[Batch, Batch]> {
  const { selectItems } = await import('@tandem/otlp/protobuf');
  const first = items >>> 1;
  return [
    { body: selectItems(body, 0, first), items: first },
    { body: selectItems(body, first, items), items: items - first },
  ];
}
