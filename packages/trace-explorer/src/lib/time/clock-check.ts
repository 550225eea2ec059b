/** After this time a jump of the clock counts anew: somebody may set the clock right meanwhile. */
const SECOND_LOOK_MS = 60 * 60 * 1000;

/** Whether the machine's clock is credible, before the store drops anything for its age. */
export class ClockCheck {
  /** The clock when it was last trusted: milliseconds since the epoch. */
  #trusted: number | undefined;
  /** `performance.now()` of the first look after a jump. */
  #doubtedAt: number | undefined;

  /**
   * Why the clock is not credible: it jumped ahead by more than an age. After an hour it is. All milliseconds.
   * @param now the clock @param known when the clock was right, for the first look
   */
  doubt(now: number, known: number, ageMs: number): string | undefined {
    const isAhead = now - (this.#trusted ?? known) > Math.max(ageMs, SECOND_LOOK_MS);
    this.#doubtedAt = isAhead ? (this.#doubtedAt ?? performance.now()) : undefined;
    if (this.#doubtedAt !== undefined && performance.now() - this.#doubtedAt < SECOND_LOOK_MS)
      return `this machine's clock says ${new Date(now).toISOString().slice(0, 10)}, so all stored data looks too old. Set the clock right, or the explorer drops all stored data an hour after the jump`;
    this.#trusted = now;
    return undefined;
  }
}
