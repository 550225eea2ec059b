/** The parts of the budget for traces with an error, slow ones, and the rest. */
const SHARES = [1, 1, 3] as const;
/** Standard deviations that the expected number stays below the bound. */
const SURE = 3.3;

/** How many traces a class has of a route. */
export interface Stratum {
  readonly kind: number;
  readonly key: string;
  readonly traces: number;
}

/**
 * One in how many traces to choose of a class and route, where not all of them come. A class that fits into its part comes
 * whole, and what it does not need goes to the others. In a class that does not fit, a route's number follows the root of its
 * traces, so that rare routes are seen.
 */
export function ratesOf(strata: readonly Stratum[], most: number) {
  const classes = SHARES.map((share, kind) => {
    const own = strata.filter((each) => each.kind === kind);
    return { share, own, size: sumOf(own, ({ traces }) => traces) };
  });
  let [left, shares] = [most, sumOf(SHARES, (share) => share)];
  const rates = new Map<string, bigint>();
  // The class that needs the least of its part comes first: after one that does not fit, none does.
  for (const { share, own, size } of classes.toSorted((a, b) => a.size / a.share - b.size / b.share)) {
    if (size <= (left * share) / shares) {
      left -= size;
      shares -= share;
      continue;
    }
    const bound = Math.max(0.5, 1 - SURE / Math.sqrt(Math.max(1, left))) * ((left * share) / shares);
    const expected = (factor: number) => sumOf(own, ({ traces }) => traces / rateOf(traces, factor));
    // With whole rates this is more than enough: routes that come whole leave some to others.
    let factor = sumOf(own, ({ traces }) => Math.sqrt(traces)) / bound;
    while (expected(0.99 * factor) <= bound) factor *= 0.99;
    for (const { key, traces } of own) rates.set(key, BigInt(rateOf(traces, factor)));
  }
  return { rates, sizes: classes.map(({ size }) => size) };
}

function rateOf(traces: number, factor: number): number {
  return Math.max(1, Math.ceil(factor * Math.sqrt(traces)));
}

function sumOf<T>(some: readonly T[], number: (each: T) => number): number {
  return some.reduce((sum, each) => sum + number(each), 0);
}

/** A chosen trace by its hash, of a class, one in `rate`. */
export interface Chosen {
  readonly id: string;
  readonly kind: number;
  readonly rate: number;
}

/** The whole weight of each trace: its rate, scaled so that those of a class add up to the traces that the engine counted. */
export function weightsOf(chosen: readonly Chosen[], sizes: readonly number[]): ReadonlyMap<string, number> {
  return new Map(
    sizes.flatMap((size, kind) => {
      const own = chosen.filter((each) => each.kind === kind);
      const scale = size / sumOf(own, ({ rate }) => rate);
      let passed = 0;
      return own.map(({ id, rate }): [string, number] => {
        const before = Math.round(passed);
        passed += scale * rate;
        return [id, Math.max(1, Math.round(passed) - before)];
      });
    }),
  );
}
