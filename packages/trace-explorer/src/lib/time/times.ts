/** A stretch of time: two numbers of one unit. */
interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Stretches of time, to ask whether others meet one of them: sorted once, and then looked up. */
export class Times {
  /** In order, and none beside another one at the same time. */
  readonly #apart: { readonly from: number; until: number }[] = [];

  constructor(stretches: readonly Stretch[]) {
    for (const { from, until } of stretches.toSorted((a, b) => a.from - b.from || a.until - b.until)) {
      const last = this.#apart.at(-1);
      if (last !== undefined && from < last.until) last.until = Math.max(last.until, until);
      else this.#apart.push({ from, until });
    }
  }

  /** Whether one of them goes on during a stretch: those that only touch it do not meet it. */
  meets({ from, until }: Stretch): boolean {
    let [low, high] = [0, this.#apart.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#apart[middle]?.until ?? 0) > from) high = middle;
      else low = middle + 1;
    }
    const next = this.#apart[low];
    return next !== undefined && next.from < until;
  }
}
