import type { Point } from './plan.ts';

/** A row of boxes and labels: its middle, and half of its height. */
export interface Row {
  readonly y: number;
  readonly half: number;
}

/** Where a line passes a row straight, or ends at a box of it: the row's place among all rows, and half of what it passes there. */
export interface Passed {
  readonly row: number;
  readonly half: number;
  readonly x: number;
}

/** Pixels between two rows that let a line go aside in a bow: this share of how far it goes, at most so many. */
const BOW = 0.5;
const WIDEST = 64;

/**
 * The middles of rows that stand as far from each other as the bows of the lines between them need. In a low gap, a line that goes
 * far aside would look broken where it leaves a box and where it comes to a label.
 * @param rows in their order
 * @param lines of each the rows that it passes, one after the other
 */
export function withBows(rows: readonly Row[], lines: readonly (readonly Passed[])[]): number[] {
  /** How far a line goes aside between a row and the next one, at most. */
  const aside = new Map<number, number>();
  for (const passed of lines)
    for (const [nth, to] of passed.slice(1).entries()) {
      const from = passed[nth] ?? to;
      const gap = Math.min(from.row, to.row);
      aside.set(gap, Math.max(aside.get(gap) ?? 0, Math.abs(to.x - from.x)));
    }
  let added = 0;
  return rows.map(({ y, half }, at) => {
    const above = rows[at - 1];
    if (above !== undefined) {
      const wanted = Math.min(WIDEST, BOW * (aside.get(at - 1) ?? 0));
      added += Math.max(0, wanted - (y - half - above.y - above.half));
    }
    return y + added;
  });
}

/**
 * The path of a line from the side of its first box to that of its last one: straight across the rows that it passes, and in bows
 * between them.
 * @param ys the middles of the rows
 * @param turn turns a point into that of the drawing
 */
export function curve(
  passed: readonly Passed[],
  ys: readonly number[],
  turn: (point: Point) => Point,
): string {
  const said = (point: Point) => Object.values(turn(point)).join(' ');
  const forth = Math.sign((passed.at(-1)?.row ?? 0) - (passed[0]?.row ?? 0));
  const sides = passed
    .flatMap(({ row, half, x }) => [-half, half].map((by): Point => ({ x, y: (ys[row] ?? 0) + forth * by })))
    .slice(1, -1);
  const pieces = sides.slice(1).map((to, nth) => {
    const from = sides[nth] ?? to;
    const by = roundness(from, to) * (to.y - from.y);
    return `C${[{ x: from.x, y: from.y + by }, { x: to.x, y: to.y - by }, to].map(said).join(' ')}`;
  });
  return `M${said(sides[0] ?? { x: 0, y: 0 })}${pieces.join('')}`;
}

/** The share of the way down for which a line keeps its direction at each end: the longer, the farther it goes aside. */
function roundness(from: Point, to: Point): number {
  const slope = Math.abs(to.x - from.x) / (Math.abs(to.y - from.y) || 1);
  return Math.max(0.5, Math.min(0.9, slope / 2));
}
