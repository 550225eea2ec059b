/** One server-sent event. */
export interface LiveEvent {
  /** `<boot>-<number>`: tells events of another run apart. */
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** What a client must be sent next: events, or word that some it has not seen are gone. */
export type Missed =
  | { readonly lost: false; readonly events: readonly LiveEvent[] }
  | { readonly lost: true };

/**
 * The newest events in a ring. Clients read from it at their own speed by number, so that a slow one costs no
 * memory: it finds that it lost some.
 */
export class EventLog {
  readonly #boot: string;
  readonly #ring: LiveEvent[] = [];
  readonly #capacity: number;
  #next = 1;
  #oldest = 0;
  readonly #waiting = new Set<() => void>();

  /**
   * @param boot distinguishes this run of the process
   * @param capacity how many events can be replayed
   */
  constructor(boot: string, capacity: number) {
    this.#boot = boot;
    this.#capacity = capacity;
  }

  /** Number of the newest event, 0 before the first. */
  get newest(): number {
    return this.#next - 1;
  }

  append(event: string, data: unknown): void {
    const number = this.#next++;
    this.#ring[number % this.#capacity] = { id: `${this.#boot}-${number}`, event, data };
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Makes everything before now count as lost to clients that come back. */
  skip(): void {
    this.#oldest = this.#next;
    this.#next += 1;
  }

  after(number: number): Missed {
    const { newest } = this;
    if (number < this.#oldest || number > newest || newest - number > this.#capacity) return { lost: true };
    const events: LiveEvent[] = [];
    for (let at = number + 1; at <= newest; at++) {
      const event = this.#ring[at % this.#capacity];
      if (event) events.push(event);
    }
    return { lost: false, events };
  }

  /** The id as a client must name it to go on from here. */
  idOf(number: number): string {
    return `${this.#boot}-${number}`;
  }

  /** The number in a client's Last-Event-ID; undefined when it is of another run or no id at all. */
  numberOf(id: string): number | undefined {
    const at = id.lastIndexOf('-');
    const digits = id.slice(at + 1);
    if (at < 0 || id.slice(0, at) !== this.#boot || !/^\d{1,15}$/.test(digits)) return undefined;
    return Number(digits);
  }

  /** Resolves at the next event, or when the signal aborts. */
  async changed(after: number, signal: AbortSignal): Promise<void> {
    if (this.newest > after || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }
}
