/** Items that were found in a body and not read yet; says when there is none left, and the body is not needed any more. */
export class Unread {
  #count = 0;
  #isComplete = false;
  readonly #onNone: () => void;

  constructor(onNone: () => void) {
    this.#onNone = onNone;
  }

  found(items: number): void {
    this.#count += items;
  }

  /** To be called when no more will be found. */
  complete(): void {
    this.#isComplete = true;
  }

  /** To be called once for each item, when its bytes were looked at for the last time. */
  read(): void {
    this.#count--;
    if (this.#count === 0 && this.#isComplete) this.#onNone();
  }
}
