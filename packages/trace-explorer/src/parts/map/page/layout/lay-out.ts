import { Graph, layout } from '@dagrejs/dagre';
import type { MapCall } from '../../server/schemas.ts';
import type { LineEnd } from './ends.ts';
import { spreadEnds } from './ends.ts';
import type { MapGraph, MapPlan, Point } from './plan.ts';
import { NODE_HEIGHT, NODE_WIDTH, PILL_HEIGHT } from './plan.ts';
import type { Passed, Row } from './rows.ts';
import { curve, withBows } from './rows.ts';
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

/**
 * Arranges services in columns from left to right, callers before the services they call; or in rows from top to bottom; what is
 * ordered around a service also in one column.
 * A line passes boxes and labels straight, each in its own room, and bends between them: so it crosses neither a box nor the
 * label of another call. Each form comes first with room for the bows of its lines, then as tight as it can be.
 * @param widthOf pixels of a call's label
 */
export function layOut(map: MapGraph, widthOf: (call: MapCall) => number): MapPlan[] {
  const plans = FORMS.flatMap(([isDown, ranker]) => plansOf(map, widthOf, isDown, ranker));
  return map.isOrdered === true ? [...plans, stack(map, widthOf)] : plans;
}

function plansOf(
  { boxes, calls, isOrdered = false }: MapGraph,
  widthOf: (call: MapCall) => number,
  isDown: boolean,
  ranker: string,
): MapPlan[] {
  /** Columns are rows whose x and y change places. */
  const turn = ({ x, y }: Point): Point => (isDown ? { x, y } : { x: y, y: x });
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
  const halves = new Map(boxes.map(({ key }) => [Math.round(boxAt(key).y), box.height / 2]));
  const routes = known.map(({ call, from, to }) => {
    const { points, x, y, height } = graph.edge(ids.get(from) ?? '', ids.get(to) ?? '');
    if (labelled) halves.set(Math.round(y), Math.max(height / 2, halves.get(Math.round(y)) ?? 0));
    const bends: Point[] = points.slice(1, -1);
    const start = { key: from, next: bends[0] ?? boxAt(to) };
    const end = { key: to, next: bends.at(-1) ?? boxAt(from) };
    return { call, label: { x, y }, bends, start, end };
  });
  const xs = spreadEnds(
    routes.flatMap(({ start, end }) => [start, end]),
    boxAt,
    box.width,
  );
  const rows = [...halves].map(([y, half]): Row => ({ y, half })).sort((a, b) => a.y - b.y);
  const rowAt = new Map(rows.map(({ y }, row) => [y, row]));
  const rowOf = (y: number) => rowAt.get(Math.round(y));
  const passedEnd = (end: LineEnd): Passed => ({
    row: rowOf(boxAt(end.key).y) ?? 0,
    half: box.height / 2,
    x: xs.get(end) ?? boxAt(end.key).x,
  });
  const lines = routes.map(({ bends, start, end, ...line }) => {
    const between = bends.flatMap(({ x, y }): Passed[] => {
      const row = rowOf(y);
      return row === undefined ? [] : [{ row, half: rows[row]?.half ?? 0, x }];
    });
    return { ...line, passed: [passedEnd(start), ...between, passedEnd(end)] };
  });
  const { width = 0, height = 0 } = graph.graph();
  /** @param ys the middles of the rows */
  const planOf = (ys: readonly number[]): MapPlan => {
    const moved = ({ x, y }: Point) => turn({ x, y: ys[rowOf(y) ?? -1] ?? y });
    return {
      ...sized(width, height + (ys.at(-1) ?? 0) - (rows.at(-1)?.y ?? 0)),
      boxes: boxes.map((each) => ({ ...each, at: moved(boxAt(each.key)) })),
      lines: lines.map(({ call, label, passed }) => ({
        call,
        path: curve(passed, ys, turn),
        ...(labelled && { label: moved(label) }),
      })),
    };
  };
  const tight = rows.map(({ y }) => y);
  const wide = withBows(
    rows,
    lines.map(({ passed }) => passed),
  );
  return [wide, tight].map(planOf);
}
