import type { Point } from './plan.ts';

/** Where a line ends: at the side of a box at which its next point is. */
export interface LineEnd {
  /** Of the box. */
  readonly key: string;
  readonly next: Point;
}

/** Pixels between two lines at one side of a box; and to its corners, so that the heads of seven do not touch at the short side. */
const APART = 14;
const CORNER = 8;

/**
 * The x of each end: of those at one side of a box, in the order of their next points.
 * @param width pixels of a box
 */
export function spreadEnds(
  ends: readonly LineEnd[],
  boxAt: (key: string) => Point,
  width: number,
): ReadonlyMap<LineEnd, number> {
  const sideOf = ({ key, next }: LineEnd) => `${key} ${Math.sign(next.y - boxAt(key).y)}`;
  return new Map(
    [...Map.groupBy(ends, sideOf).values()].flatMap((shared) => {
      const sorted = shared.toSorted((a, b) => a.next.x - b.next.x);
      const { x } = boxAt(sorted[0]?.key ?? '');
      const shifts = shiftsOf(
        sorted.map(({ next }) => next.x - x),
        width / 2 - CORNER,
      );
      return sorted.map((end, nth): [LineEnd, number] => [end, x + (shifts[nth] ?? 0)]);
    }),
  );
}

/**
 * Where the lines of one side leave it, as pixels from its middle: straight to their next points, as far as the side reaches and
 * the lines before and after them let them.
 * @param wanted from left to right
 */
function shiftsOf(wanted: readonly number[], reach: number): number[] {
  const gap = Math.min(APART, (2 * reach) / Math.max(1, wanted.length - 1));
  let least = -reach;
  const shifts = wanted.map((shift) => {
    const own = Math.max(least, Math.min(reach, shift));
    least = own + gap;
    return own;
  });
  return shifts.map((shift, nth) => Math.min(shift, reach - gap * (shifts.length - 1 - nth)));
}
