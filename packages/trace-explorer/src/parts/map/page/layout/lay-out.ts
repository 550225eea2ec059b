import { Graph, layout } from '@dagrejs/dagre';
import type { MapCall } from '../../server/schemas.ts';
import type { MapGraph, MapPlan, Point } from './plan.ts';
import { NODE_HEIGHT, NODE_WIDTH, PILL_HEIGHT } from './plan.ts';
import { stack } from './stack.ts';

/** With more lines, none has a label, because there is no room for all. Titles and tables have the figures. */
export const MAX_LABELS = 30;
/** Pixels between boxes of a row, between lines, and between two rows, of which half is on each side of the labels. */
const GAPS = { nodesep: 16, edgesep: 16, ranksep: 40, marginx: 8, marginy: 8 };
/** Columns, and rows: services as early as their callers let them, or as late as those they call. Each is narrower for some maps. */
const FORMS = [
  [false, 'network-simplex'],
  [true, 'network-simplex'],
  [true, 'longest-path'],
] as const;

/** Where a line ends: at the side of a box at which its next point is. */
interface LineEnd {
  readonly key: string;
  readonly next: Point;
}

/** Pixels between two lines at one side of a box, so that their heads do not touch; and to its corners. */
const APART = 14;
const CORNER = 12;

/**
 * Arranges services in columns from left to right, callers before the services they call; or in rows from top to bottom; what is
 * ordered around a service also in one column.
 * A line passes boxes and labels straight, each in its own room, and bends between them: so it crosses neither a box nor the
 * label of another call.
 * @param widthOf pixels of a call's label
 */
export function layOut(map: MapGraph, widthOf: (call: MapCall) => number): MapPlan[] {
  const plans = FORMS.map(([isDown, ranker]) => planOf(map, widthOf, isDown, ranker));
  return map.isOrdered === true ? [...plans, stack(map, widthOf)] : plans;
}

function planOf(
  { boxes, calls, isOrdered = false }: MapGraph,
  widthOf: (call: MapCall) => number,
  isDown: boolean,
  ranker: string,
): MapPlan {
  /** Columns are rows whose x and y change places. */
  const turn = ({ x, y }: Point): Point => (isDown ? { x, y } : { x: y, y: x });
  const said = (point: Point) => Object.values(turn(point)).join(' ');
  const sized = (x: number, y: number) => (isDown ? { width: x, height: y } : { width: y, height: x });
  const box = sized(NODE_WIDTH, NODE_HEIGHT);
  const graph = new Graph();
  graph.setGraph({ ...GAPS, ranker });
  // dagre keeps nodes in plain objects, where a service named `__proto__` would change every object of the page.
  const ids = new Map(boxes.map(({ key }, index) => [key, `n${index}`]));
  for (const id of ids.values()) graph.setNode(id, { ...box });
  const labelled = calls.length <= MAX_LABELS;
  const known = calls.filter(({ from, to }) => ids.has(from) && ids.has(to));
  for (const { call, from, to } of known) {
    const label = labelled ? { ...sized(widthOf(call), PILL_HEIGHT), labelpos: 'c' } : {};
    graph.setEdge(ids.get(from) ?? '', ids.get(to) ?? '', label);
  }
  layout(graph, { disableOptimalOrderHeuristic: isOrdered });
  const boxAt = (key: string): Point => graph.node(ids.get(key) ?? '');
  /** Half of the height of each row, by its y. */
  const rows = new Map(boxes.map(({ key }) => [Math.round(boxAt(key).y), box.height / 2]));
  const routes = known.map(({ call, from, to }) => {
    const { points, x, y, height } = graph.edge(ids.get(from) ?? '', ids.get(to) ?? '');
    if (labelled) rows.set(Math.round(y), Math.max(height / 2, rows.get(Math.round(y)) ?? 0));
    const bends: Point[] = points.slice(1, -1);
    const start = { key: from, next: bends[0] ?? boxAt(to) };
    const end = { key: to, next: bends.at(-1) ?? boxAt(from) };
    return { call, label: { x, y }, bends, start, end };
  });
  const ends = routes.flatMap(({ start, end }) => [start, end]);
  const places = new Map<LineEnd, Point>();
  const sideOf = ({ key, next }: LineEnd) => Math.sign(next.y - boxAt(key).y);
  for (const shared of Map.groupBy(ends, (end) => `${end.key} ${sideOf(end)}`).values()) {
    const sorted = shared.toSorted((a, b) => a.next.x - b.next.x);
    const { x, y } = boxAt(sorted[0]?.key ?? '');
    const shifts = shiftsOf(
      sorted.map(({ next }) => next.x - x),
      box.width / 2 - CORNER,
    );
    for (const [nth, end] of sorted.entries())
      places.set(end, { x: x + (shifts[nth] ?? 0), y: y + (sideOf(end) * box.height) / 2 });
  }
  const placeOf = (end: LineEnd) => places.get(end) ?? boxAt(end.key);
  const { width = 0, height = 0 } = graph.graph();
  return {
    ...sized(width, height),
    boxes: boxes.map((each) => ({ ...each, at: turn(boxAt(each.key)) })),
    lines: routes.map(({ call, label, bends, ...route }) => {
      const [start, end] = [placeOf(route.start), placeOf(route.end)];
      const forth = Math.sign(end.y - start.y);
      const straight = bends.flatMap(({ x, y }) => {
        const half = rows.get(Math.round(y));
        return half === undefined ? [] : [-half, half].map((by) => ({ x, y: y + forth * by }));
      });
      const path = [...straight, end].map((to, nth) => {
        const from = straight[nth - 1] ?? start;
        const middle = (from.y + to.y) / 2;
        return `C${[{ x: from.x, y: middle }, { x: to.x, y: middle }, to].map(said).join(' ')}`;
      });
      return { call, path: `M${said(start)}${path.join('')}`, ...(labelled && { label: turn(label) }) };
    }),
  };
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
