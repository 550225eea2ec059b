import { selectItems } from '@tandem/otlp/protobuf';
import type { ExportFailure, FailureReporter } from '../failures/export-failure.ts';
import { isMisconfigured } from '../failures/export-failure.ts';
import type { Batch } from '../wire/batch.ts';
import type { Sender, Taken } from './sender.ts';
import type { SignalName } from './signal.ts';
import type { Tally } from './tally.ts';

/** So many single items refused for their size in a row, and nothing taken between them, is no matter of their size. */
const PATIENCE_ITEMS = 8;

export interface ExportsOptions {
  readonly sender: Sender;
  readonly url: string;
  readonly signal: SignalName;
  /** The longest time for the export, with all that a batch is split into, in milliseconds. */
  readonly timeoutMs: number;
  readonly reporter: Pick<FailureReporter, 'report' | 'recovered'>;
  readonly tally: Pick<Tally, 'exported' | 'requests' | 'lose'>;
  /** Whether nothing may be sent at the moment: then what is left of a split batch waits. */
  readonly isShut: () => boolean;
}

/** What has to be sent again, and why nothing should be sent for a while. */
export interface Undelivered {
  readonly rest: Batch | undefined;
  readonly failure: ExportFailure | undefined;
  /** Whether it is refused until somebody has mended something. */
  readonly isMisconfigured: boolean;
}

/** Makes exports to one destination, and counts what becomes of their items. */
export class Exports {
  readonly #options: ExportsOptions;
  /** Single items that were refused for their size since anything was answered otherwise. */
  #tooLargeInARow = 0;
  /** Whether the last answer was a failure, of some items at least. */
  #isFailing = false;

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  /** Whether single items were refused for their size, and nothing was taken since. */
  get isAllTooLarge(): boolean {
    return this.#tooLargeInARow > 0;
  }

  /**
   * Makes one attempt to send a batch, in halves when the backend finds it too large. It stops halving when single items
   * are refused again and again, and when another export has failed. Does not reject.
   *
   * @param isKept whether the batch is kept when it is refused because something is to be mended (see `isMisconfigured`)
   * @param held how many items are on disk, beside a batch that is not kept
   * @returns undefined when all is done
   */
  async deliver(batch: Batch, isKept: boolean, held: () => number): Promise<Undelivered | undefined> {
    const { sender, reporter, tally, signal, timeoutMs, isShut } = this.#options;
    const endsAt = performance.now() + timeoutMs;
    const parts = [batch];
    for (let part = parts.shift(); part; part = parts.shift()) {
      const outcome = await sender.post(part, Math.max(1, endsAt - performance.now()));
      tally.requests[outcome.kind]++;
      if (outcome.kind === 'taken') {
        this.#taken(part, outcome);
        if (parts.length > 0 && isShut()) return waiting(parts, undefined);
        continue;
      }
      const { kind, failure } = outcome;
      this.#isFailing = true;
      if (kind === 'retry') {
        reporter.report(failure, 0);
        return waiting([part, ...parts], failure);
      }
      if (kind === 'refused') {
        this.#tooLargeInARow = 0;
        const isToMend = isMisconfigured(failure, signal.name);
        const lost = isToMend && isKept ? 0 : part.items;
        tally.lose('rejected', lost);
        reporter.report(failure, lost, isToMend ? held() : 0);
        if (isToMend) return waiting(isKept ? [part, ...parts] : parts, failure, true);
      } else if (part.items > 1) {
        parts.unshift(...halvesOf(part));
      } else {
        tally.lose('too_large', 1);
        reporter.report(failure, 1);
        if (++this.#tooLargeInARow % PATIENCE_ITEMS === 0) return waiting(parts, failure);
      }
      if (parts.length > 0 && isShut()) return waiting(parts, undefined);
    }
    return undefined;
  }

  #taken({ items }: Batch, { rejected: refused, failure }: Taken): void {
    const { reporter, tally, url } = this.#options;
    const rejected = Math.min(refused, items);
    this.#tooLargeInARow = 0;
    tally.exported += items - rejected;
    tally.lose('rejected', rejected);
    if (failure) reporter.report(failure, rejected);
    else if (this.#isFailing) reporter.recovered(url);
    this.#isFailing = failure !== undefined;
  }
}

function waiting(
  parts: readonly Batch[],
  failure: ExportFailure | undefined,
  isMisconfigured = false,
): Undelivered {
  const [only] = parts;
  const joined = { body: Buffer.concat(parts.map(({ body }) => body)), items: sum(parts) };
  return { rest: parts.length > 1 ? joined : only, failure, isMisconfigured };
}

function sum(parts: readonly Batch[]): number {
  return parts.reduce((all, { items }) => all + items, 0);
}

/** Two batches with half of the items each, in order, every item under the resource and scope it had. */
export function halvesOf({ body, items }: Batch): [Batch, Batch] {
  const first = items >>> 1;
  return [
    { body: selectItems(body, 0, first), items: first },
    { body: selectItems(body, first, items), items: items - first },
  ];
}
