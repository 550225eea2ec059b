/** From here on the bytes are put together as they come. */
const LARGE_BYTES = 1024 * 1024;

/**
 * Bytes that come piece by piece. Many of them are never held twice: they go into one buffer that has room for the most
 * there may be, and whose unused pages the system does not give memory to.
 */
export class Collected {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #whole: Buffer | undefined;
  byteLength = 0;

  /** @param maxBytes the most that `add` is given in all */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: Buffer): void {
    const end = this.byteLength + piece.byteLength;
    if (this.#whole === undefined && end > LARGE_BYTES) {
      this.#whole = Buffer.allocUnsafeSlow(this.#maxBytes);
      let at = 0;
      for (const earlier of this.#pieces) at += earlier.copy(this.#whole, at);
      this.#pieces = [];
    }
    if (this.#whole === undefined) this.#pieces.push(piece);
    else piece.copy(this.#whole, this.byteLength);
    this.byteLength = end;
  }

  /** All of them; nothing is held here afterwards. */
  take(): Buffer {
    const [first] = this.#pieces;
    const taken =
      this.#whole?.subarray(0, this.byteLength) ??
      (this.#pieces.length === 1 && first !== undefined
        ? first
        : Buffer.concat(this.#pieces, this.byteLength));
    this.#pieces = [];
    this.#whole = undefined;
    return taken;
  }

  /** Gives the memory back at once: the garbage collector sees late how much it is. */
  discard(): void {
    if (this.#whole !== undefined) (this.#whole.buffer as ArrayBuffer).transfer(0);
    this.#pieces = [];
    this.#whole = undefined;
  }
}
