import type { ExportFailure, FailureReporter } from '../report/export-failure.ts';
import type { Batch } from '../wire/batch.ts';
import type { Sender } from './sender.ts';
import type { Tally } from './tally.ts';

/** The destination of batches, and the listeners for their outcome. */
export interface ExportOptions {
  readonly sender: Sender;
  readonly url: string;
  /** The longest time for an export, with all parts of a batch that is split, in milliseconds. */
  readonly timeoutMs: number;
  readonly reporter: FailureReporter;
  readonly tally: Tally;
}

/** The part of a batch that has to be sent again. */
export interface Unsent {
  readonly rest: Batch;
  readonly failure: ExportFailure;
}

/**
 * Makes one attempt to send a batch, in halves when the backend finds the batch too large. Counts and reports the
 * outcome of each item.
 *
 * @returns undefined when nothing has to be sent again
 */
export async function exportBatch(
  batch: Batch,
  { sender, url, timeoutMs, reporter, tally }: ExportOptions,
): Promise<Unsent | undefined> {
  const endsAt = performance.now() + timeoutMs;
  const parts = [batch];
  for (let part = parts.shift(); part; part = parts.shift()) {
    const outcome = await sender.post(part, Math.max(1, endsAt - performance.now()));
    const { kind, failure, rejected = part.items } = outcome;
    tally.counts.requests[kind]++;
    if (kind === 'retry') {
      reporter.report(failure, 0);
      return { rest: parts.length === 0 ? part : join([part, ...parts]), failure };
    }
    if (kind === 'too-large' && part.items > 1) {
      parts.unshift(...(await halvesOf(part)));
      continue;
    }
    const lost = Math.min(rejected, part.items);
    tally.counts.exported += part.items - lost;
    tally.lose(kind === 'too-large' ? 'too_large' : 'rejected', lost);
    if (failure)
      reporter.report(kind === 'too-large' ? { ...failure, bytes: part.body.length } : failure, lost);
    else reporter.recovered(url);
  }
  return undefined;
}

function join(parts: readonly Batch[]): Batch {
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
