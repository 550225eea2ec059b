import type { Scope } from './reading.ts';
import type { Report } from './schemas.ts';

/** Ranges whose ends differ by less are one: several ask at once for the last hour. */
const SAME_NS = 1_000_000_000n;

interface Shared {
  readonly scope: Scope;
  readonly report: Promise<Report>;
  readonly leaving: AbortController;
  waiting: number;
}

/** Reports under way. A further question for one of them waits for its answer: a report over a full store takes all readers. */
export class SharedReports {
  readonly #running = new Set<Shared>();

  /**
   * The report of a scope: the one under way, or a new one.
   * @param signal of the client that asks. The work ends when no client waits for it any more.
   */
  async take(
    scope: Scope,
    signal: AbortSignal,
    make: (signal: AbortSignal) => Promise<Report>,
  ): Promise<Report> {
    signal.throwIfAborted();
    const running =
      [...this.#running].find((shared) => isSame(shared.scope, scope)) ?? this.#begin(scope, make);
    running.waiting += 1;
    const leave = () => {
      running.waiting -= 1;
      if (running.waiting > 0) return;
      // A report that ends takes no further client.
      this.#running.delete(running);
      running.leaving.abort(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await running.report;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #begin(scope: Scope, make: (signal: AbortSignal) => Promise<Report>): Shared {
    const leaving = new AbortController();
    const report = make(leaving.signal);
    const running: Shared = { scope, report, leaving, waiting: 0 };
    this.#running.add(running);
    const end = () => void this.#running.delete(running);
    report.then(end, end);
    return running;
  }
}

function isSame(a: Scope, b: Scope): boolean {
  const isNear = (x: bigint, y: bigint) => x - y < SAME_NS && y - x < SAME_NS;
  return (
    a.service === b.service && a.dataset === b.dataset && isNear(a.start, b.start) && isNear(a.end, b.end)
  );
}
