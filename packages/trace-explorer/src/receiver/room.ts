/** Counts bytes that are held in memory, and says when there is no room for more. */
export class Room {
  readonly #maxBytes: number;
  #bytes = 0;
  #holders = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether `bytes` more would fit. What is alone always does: no body is refused for ever. */
  fits(bytes: number): boolean {
    return this.#holders === 0 || this.#bytes + bytes <= this.#maxBytes;
  }

  /** A share of the room, empty at first. */
  enter(): Share {
    let held = 0;
    return {
      add: (bytes) => {
        const isAlone = this.#holders === (held > 0 ? 1 : 0);
        if (!isAlone && this.#bytes + bytes > this.#maxBytes) return false;
        if (held === 0 && bytes > 0) this.#holders++;
        held += bytes;
        this.#bytes += bytes;
        return true;
      },
      leave: () => {
        if (held > 0) this.#holders--;
        this.#bytes -= held;
        held = 0;
      },
    };
  }
}

export interface Share {
  /** Holds more bytes; false when there is no room for them. */
  add(bytes: number): boolean;
  /** Gives everything back; more than once does no harm. */
  leave(): void;
}
