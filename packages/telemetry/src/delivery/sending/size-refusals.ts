/** So many single items refused in a row, and nothing taken between them, is no matter of their size. */
const PATIENCE_SPANS = 8;

/**
 * Single items that one destination has refused as too large, one after the other. One huge span, or some, are given
 * up while their neighbours arrive; a backend that answers 413 to whatever it gets is left alone for a while.
 */
export class SizeRefusals {
  #inARow = 0;

  /** Whether a span was refused for its size, and nothing has been answered otherwise since. */
  get isUnbroken(): boolean {
    return this.#inARow > 0;
  }

  /** A single span was refused. @returns whether it is time to wait, as after a failure */
  refused(): boolean {
    this.#inARow++;
    return this.#inARow % PATIENCE_SPANS === 0;
  }

  /** A request was answered otherwise. */
  ended(): void {
    this.#inARow = 0;
  }
}
