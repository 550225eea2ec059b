/** One server-sent event. */
export interface LiveEvent {
  /** `<boot>-<number>`: tells events of another run apart. */
  readonly id: string;
  readonly event: string;
  /** JSON, made once for all clients. */
  readonly data: string;
}

export interface EventLogLimits {
  readonly events: number;
  /** Characters of all events' data together. */
  readonly characters: number;
}

/** What a client must be sent next: events, or word that some it has not seen are gone. */
export type Missed =
  | { readonly lost: false; readonly events: readonly LiveEvent[] }
  | { readonly lost: true };

/**
 * The newest events, numbered. Clients read from it at their own speed by number, so that a slow one costs no
 * memory: it finds that it lost some.
 */
export class EventLog {
  readonly #boot: string;
  readonly #limits: EventLogLimits;
  /** By number, oldest first. */
  readonly #events = new Map<number, LiveEvent>();
  #characters = 0;
  #newest = 0;
  /** Events up to this number are gone. */
  #gone = 0;
  readonly #waiting = new Set<() => void>();

  /** @param boot distinguishes this run of the process */
  constructor(boot: string, limits: EventLogLimits) {
    this.#boot = boot;
    this.#limits = limits;
  }

  /** Number of the newest event, 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  append(event: string, data: unknown): void {
    const text = JSON.stringify(data);
    this.#newest += 1;
    this.#events.set(this.#newest, { id: this.idOf(this.#newest), event, data: text });
    this.#characters += text.length;
    this.#trim();
    this.#wake();
  }

  /** Notes that something happened without an event: clients from before it have lost some, and are told. */
  skip(): void {
    this.#newest += 1;
    this.#gone = this.#newest;
    this.#events.clear();
    this.#characters = 0;
    this.#wake();
  }

  after(number: number): Missed {
    if (number < this.#gone || number > this.#newest) return { lost: true };
    const events: LiveEvent[] = [];
    for (let at = number + 1; at <= this.#newest; at++) {
      const event = this.#events.get(at);
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
    if (this.#newest > after || signal.aborted) return;
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

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #trim(): void {
    for (const [number, { data }] of this.#events) {
      const { events, characters } = this.#limits;
      const fits = this.#events.size <= events && this.#characters <= characters;
      if (fits || number === this.#newest) return;
      this.#events.delete(number);
      this.#characters -= data.length;
      this.#gone = number;
    }
  }
}
