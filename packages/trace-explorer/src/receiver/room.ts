/** Bytes that a small holder has at most. */
export const SMALL_BYTES = 512 * 1024;
/** What is kept free for small holders, so that large ones do not shut them out; of a small room, a part of it. */
const MAX_RESERVED_BYTES = 16 * 1024 * 1024;
const RESERVED_SHARE = 1 / 6;

/** Counts bytes that are held in memory, and says when there is no room for more. */
export class Room {
  readonly #maxBytes: number;
  readonly #maxLargeBytes: number;
  #bytes = 0;
  #holders = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#maxLargeBytes = maxBytes - Math.min(MAX_RESERVED_BYTES, maxBytes * RESERVED_SHARE);
  }

  /** Whether `bytes` more would fit. What is alone always does: no body is refused for ever. */
  fits(bytes: number): boolean {
    return this.#holders === 0 || this.#bytes + bytes <= this.#maxFor(bytes);
  }

  /** A share of the room, empty at first. */
  enter(): Share {
    let held = 0;
    return {
      add: (bytes) => {
        const isAlone = this.#holders === (held > 0 ? 1 : 0);
        if (!isAlone && this.#bytes + bytes > this.#maxFor(held + bytes)) return false;
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

  #maxFor(held: number): number {
    return held <= SMALL_BYTES ? this.#maxBytes : this.#maxLargeBytes;
  }
}

export interface Share {
  /** Holds more bytes; false when there is no room for them. */
  add(bytes: number): boolean;
  /** Gives everything back; more than once does no harm. */
  leave(): void;
}
