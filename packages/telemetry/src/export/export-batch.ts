import type { ExportFailure, FailureReporter } from '../failures/export-failure.ts';
import { isMisconfigured } from '../failures/export-failure.ts';
import type { Batch } from '../wire/batch.ts';
import type { Sender } from './sender.ts';
import type { SignalName } from './signal.ts';
import type { Tally } from './tally.ts';

/** So many single items refused for their size in a row, and nothing taken between them, is no matter of their size. */
const PATIENCE_ITEMS = 8;

/** Where batches go, and who is told of them. */
export interface ExportOptions {
  readonly sender: Sender;
  readonly url: string;
  readonly signal: SignalName;
  /** The longest time for an export, with all that a batch is split into, in milliseconds. */
  readonly timeoutMs: number;
  readonly reporter: FailureReporter;
  readonly tally: Tally;
}

/** Why an export ended before all of its batch was delivered. The failure is not reported yet. */
export interface Undelivered {
  /** What has to be sent again. */
  readonly rest?: Batch | undefined;
  readonly failure: ExportFailure;
  readonly lost: number;
  /** Whether it is refused until somebody has mended something. */
  readonly isToMend?: boolean;
}

/**
 * Makes one attempt to send a batch, in halves when the backend finds it too large, and counts what becomes of its items.
 *
 * @param isKept whether the batch is kept when it is refused because something is to be mended (see `isMisconfigured`)
 * @returns undefined when all is done
 */
export async function exportBatch(
  batch: Batch,
  isKept: boolean,
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
      const lost = Math.min(outcome.rejected, part.items);
      tally.exported += part.items - lost;
      tally.lose('rejected', lost);
      if (failure) reporter.report(failure, lost);
      else reporter.recovered(url);
    } else if (kind === 'retry') {
      return { rest: join([part, ...parts]), failure, lost: 0 };
    } else if (kind === 'refused') {
      const isToMend = isMisconfigured(failure, signal.name);
      const lost = isToMend && isKept ? 0 : part.items;
      tally.lose('rejected', lost);
      if (isToMend) return { rest: join(lost === 0 ? [part, ...parts] : parts), failure, lost, isToMend };
      reporter.report(failure, lost);
    } else if (part.items > 1) {
      parts.unshift(...(await halvesOf(part)));
    } else {
      tally.lose('too_large', 1);
      const ofItem = { ...failure, bytes: part.body.length };
      if (!isAnyTaken && (++tooLarge === PATIENCE_ITEMS || parts.length === 0))
        return { rest: join(parts), failure: ofItem, lost: 1 };
      reporter.report(ofItem, 1);
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
