/** The parts of the budget for traces with an error, slow ones, and the rest. */
const SHARES = [1, 1, 3];
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
  const kinds = SHARES.map((_, kind) => strata.filter((each) => each.kind === kind));
  const sizes = kinds.map((own) => sumOf(own, ({ traces }) => traces));
  let [left, cut, fitting]: [number, number[], number[]] = [most, [...sizes.keys()], []];
  const partOf = (kind: number) => (left * (SHARES[kind] ?? 0)) / sumOf(cut, (each) => SHARES[each] ?? 0);
  do {
    fitting = cut.filter((kind) => (sizes[kind] ?? 0) <= partOf(kind));
    cut = cut.filter((kind) => !fitting.includes(kind));
    left -= sumOf(fitting, (kind) => sizes[kind] ?? 0);
  } while (fitting.length > 0);
  const sure = Math.max(0.5, 1 - SURE / Math.sqrt(Math.max(1, left)));
  const rates = new Map<string, bigint>();
  for (const kind of cut) {
    const [own, bound] = [kinds[kind] ?? [], sure * partOf(kind)];
    const expected = (factor: number) => sumOf(own, ({ traces }) => traces / rateOf(traces, factor));
    // With whole rates this is more than enough: routes that come whole leave some to others.
    let factor = sumOf(own, ({ traces }) => Math.sqrt(traces)) / bound;
    while (expected(0.99 * factor) <= bound) factor *= 0.99;
    for (const { key, traces } of own) rates.set(key, BigInt(rateOf(traces, factor)));
  }
  return { rates, sizes };
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
