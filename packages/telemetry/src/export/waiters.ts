/** Those who wait for a condition, which is looked at when something has changed. */
export class Waiters {
  #waiters: { readonly isDone: () => boolean; readonly resolve: () => void }[] = [];

  /** Resolves when the condition holds, now or at a later {@link look}. */
  async until(isDone: () => boolean): Promise<void> {
    if (!isDone()) await new Promise<void>((resolve) => this.#waiters.push({ isDone, resolve }));
  }

  /** Looks whose condition holds now. */
  look(): void {
    this.#waiters = this.#waiters.filter(({ isDone, resolve }) => {
      if (!isDone()) return true;
      resolve();
      return false;
    });
  }
}
