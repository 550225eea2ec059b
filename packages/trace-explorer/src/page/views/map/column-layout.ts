import type { Direction, MapLayout, MapShape, Point } from './map-layout.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './map-layout.ts';

/** Columns that fit a window, and a telephone. */
const COLUMNS = { LR: 5, TB: 2 } as const;
const COLUMN_GAP = 88;
const ROW_GAP = 16;
const MARGIN = 8;

/**
 * Places boxes in a few columns: those that only call on the left, those that are only called on the right. Groups call each
 * other in circles, of which a layout by ranks makes a drawing of five screens.
 */
export function layoutColumns({ services, calls }: MapShape, direction: Direction): MapLayout {
  const [out, into] = [new Map<string, number>(), new Map<string, number>()];
  for (const { from, to } of calls) {
    if (from === to) continue;
    out.set(from, (out.get(from) ?? 0) + 1);
    into.set(to, (into.get(to) ?? 0) + 1);
  }
  const calledShare = (name: string) => {
    const [calling, called] = [out.get(name) ?? 0, into.get(name) ?? 0];
    return calling + called === 0 ? 0.5 : called / (calling + called);
  };
  const sorted = services.map(({ name }) => name).sort((a, b) => calledShare(a) - calledShare(b));
  const rows = Math.ceil(sorted.length / COLUMNS[direction]);
  const nodes = new Map<string, Point>();
  for (let first = 0, column = 0; first < sorted.length; first += rows, column++) {
    for (const [row, name] of nearCallers(sorted.slice(first, first + rows), calls, nodes).entries()) {
      nodes.set(name, {
        x: MARGIN + column * (NODE_WIDTH + COLUMN_GAP) + NODE_WIDTH / 2,
        y: MARGIN + row * (NODE_HEIGHT + ROW_GAP) + NODE_HEIGHT / 2,
      });
    }
  }
  const columns = Math.ceil(sorted.length / rows);
  return {
    width: 2 * MARGIN + columns * (NODE_WIDTH + COLUMN_GAP) - COLUMN_GAP,
    height: 2 * MARGIN + rows * (NODE_HEIGHT + ROW_GAP) - ROW_GAP,
    nodes,
    edges: calls.flatMap(({ from, to }) => {
      const [start, end] = [nodes.get(from), nodes.get(to)];
      return start && end && from !== to ? [{ from, to, ...lineBetween(start, end) }] : [];
    }),
  };
}

/** A column's boxes in the order of those on the left that call them, so that fewer lines cross. */
function nearCallers(
  column: readonly string[],
  calls: MapShape['calls'],
  placed: ReadonlyMap<string, Point>,
): readonly string[] {
  const heights = new Map(
    column.map((name) => {
      const callers = calls.flatMap(({ from, to }) => (to === name ? (placed.get(from) ?? []) : []));
      const sum = callers.reduce((all, { y }) => all + y, 0);
      return [name, callers.length === 0 ? Number.POSITIVE_INFINITY : sum / callers.length];
    }),
  );
  const heightOf = (name: string) => heights.get(name) ?? 0;
  return column.toSorted((a, b) => (heightOf(a) === heightOf(b) ? 0 : heightOf(a) - heightOf(b)));
}

/** From the side of one box to the near side of the other; within a column around it. */
function lineBetween(start: Point, end: Point): { points: readonly Point[]; label: Point } {
  const side = NODE_WIDTH / 2;
  const towards = Math.sign(end.x - start.x);
  const points =
    towards === 0
      ? [
          { x: start.x + side, y: start.y },
          { x: start.x + side + COLUMN_GAP / 3, y: (start.y + end.y) / 2 },
          { x: end.x + side, y: end.y },
        ]
      : [
          { x: start.x + towards * side, y: start.y },
          { x: end.x - towards * side, y: end.y },
        ];
  const [first = start, last = end] = [points[0], points.at(-1)];
  return { points, label: { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 } };
}
