/** Traces with an error, slow ones, and the rest. */
export const NUMBER_OF_KINDS = 3;
/** The parts of the budget that the classes have. */
const SHARES = [1, 1, 3];
/** Standard deviations that the expected number stays below the bound. */
const SURE = 3.3;

/** How many traces a class has of a route. The key is empty for the routes without a rate of their own. */
export interface Stratum {
  readonly kind: number;
  readonly key: string;
  readonly traces: number;
}

/**
 * One in how many traces to choose of each class and route. A class that fits into its part comes whole, and what it does not
 * need goes to the others. In a class that does not fit, a route's number follows the root of its traces, so that rare routes
 * are seen.
 */
export function ratesOf(strata: readonly Stratum[], most: number) {
  const kinds = Array.from({ length: NUMBER_OF_KINDS }, (_, kind) =>
    strata.filter((each) => each.kind === kind),
  );
  const sizes = kinds.map((own) => own.reduce((sum, { traces }) => sum + traces, 0));
  const cut = new Set(sizes.keys());
  let [left, isChanged] = [most, true];
  const partOf = (kind: number) =>
    (left * (SHARES[kind] ?? 0)) / [...cut].reduce((sum, each) => sum + (SHARES[each] ?? 0), 0);
  while (isChanged) {
    const fitting = [...cut].filter((kind) => (sizes[kind] ?? 0) <= partOf(kind));
    for (const kind of fitting) cut.delete(kind);
    for (const kind of fitting) left -= sizes[kind] ?? 0;
    isChanged = fitting.length > 0;
  }
  const sure = Math.max(0.5, 1 - SURE / Math.sqrt(Math.max(1, left)));
  const rates = new Map<string, bigint>();
  const others = kinds.map((own, kind) => {
    const factor = cut.has(kind) ? factorOf(own, sure * partOf(kind)) : 0;
    for (const { key, traces } of own) if (factor > 0 && key !== '') rates.set(key, rateOf(traces, factor));
    const rest = own.find(({ key }) => key === '');
    return factor === 0 ? 1n : rateOf(rest?.traces ?? 1, factor);
  });
  return { rates, others, sizes };
}

function rateOf(traces: number, factor: number): bigint {
  return BigInt(Math.max(1, Math.ceil(factor * Math.sqrt(traces))));
}

/** The least factor with which the expected number of traces is not above a bound. */
function factorOf(strata: readonly Stratum[], bound: number): number {
  const expected = (factor: number) =>
    strata.reduce((sum, { traces }) => sum + traces / Number(rateOf(traces, factor)), 0);
  let [low, high] = [0, 1];
  while (expected(high) > bound && high < 1e12) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (expected(middle) > bound) low = middle;
    else high = middle;
  }
  return high;
}

/** A chosen trace by its hash, of a class, one in `rate`. */
export interface Chosen {
  readonly id: string;
  readonly kind: number;
  readonly rate: number;
}

/** The whole weight of each trace: its rate, scaled so that those of a class add up to the traces that the engine counted. */
export function weightsOf(chosen: readonly Chosen[], sizes: readonly number[]): ReadonlyMap<string, number> {
  const sums = sizes.map((_, kind) =>
    chosen.reduce((sum, each) => sum + (each.kind === kind ? each.rate : 0), 0),
  );
  const passed = sizes.map(() => 0);
  return new Map(
    chosen.map(({ id, kind, rate }) => {
      const before = Math.round(passed[kind] ?? 0);
      passed[kind] = (passed[kind] ?? 0) + (rate * (sizes[kind] ?? 0)) / (sums[kind] ?? 1);
      return [id, Math.max(1, Math.round(passed[kind] ?? 0) - before)];
    }),
  );
}
