import { getOrMake } from '../../../lib/get-or-make.ts';

/** Events of one group in one bucket of time and one of values. */
export interface HeatmapCell {
  /** The group's number. */
  readonly rn: number;
  readonly calculation: number;
  readonly bucket: number;
  readonly k: number;
  readonly count: number;
}

/** Counts by value bucket, for whole groups and for each time bucket of a group. */
export function heatmapCells(rows: readonly HeatmapCell[]) {
  const totals = new Map<string, Map<number, number>>();
  const cells = new Map<string, Map<number, number>>();
  const buckets = new Map<number, Set<number>>();
  for (const { rn, calculation, bucket, k, count } of rows) {
    const total = getOrMake(totals, `${rn} ${calculation}`, () => new Map<number, number>());
    total.set(k, (total.get(k) ?? 0) + count);
    getOrMake(cells, `${rn} ${calculation} ${bucket}`, () => new Map<number, number>()).set(k, count);
    getOrMake(buckets, rn, () => new Set<number>()).add(bucket);
  }
  const none: ReadonlyMap<number, number> = new Map();
  return {
    total: (rn: number, calculation: number) => totals.get(`${rn} ${calculation}`) ?? none,
    at: (rn: number, calculation: number, bucket: number) =>
      cells.get(`${rn} ${calculation} ${bucket}`) ?? none,
    buckets: (rn: number) => buckets.get(rn) ?? new Set<number>(),
  };
}
