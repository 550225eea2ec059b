import { SPARK } from './schemas.ts';

/** How many times lie in each part of a range. */
export function sparkOf(times: Iterable<bigint>, start: bigint, end: bigint): number[] {
  const spark = new Array<number>(SPARK).fill(0);
  const length = end > start ? end - start : 1n;
  for (const time of times) {
    const at = Number(((time - start) * BigInt(SPARK)) / length);
    if (spark[at] !== undefined) spark[at] += 1;
  }
  return spark;
}
