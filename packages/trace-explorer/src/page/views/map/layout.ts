import { Graph, layout } from '@dagrejs/dagre';
import type { MapLayout, MapShape, Point } from './map-layout.ts';
import { MAX_LABELS, NODE_HEIGHT, NODE_WIDTH } from './map-layout.ts';

/** Pixels of a label. Half of it is above the line and half below. */
const LABEL_WIDTH = 116;
const LABEL_HEIGHT = 40;

/** Places services so that callers are to the left of the services they call. */
export function layoutMap({ services, calls }: MapShape): MapLayout {
  const labelled = calls.length <= MAX_LABELS;
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 32,
    ranksep: 80,
    edgesep: 24,
    marginx: 8,
    marginy: 8,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  // dagre keeps nodes in plain objects, where a service named `__proto__` would change every object of the page.
  const ids = new Map(services.map(({ name }, index) => [name, `n${index}`]));
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  for (const id of names.keys()) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const call of calls) {
    const from = ids.get(call.from);
    const to = ids.get(call.to);
    if (from === undefined || to === undefined) continue;
    const room = { width: LABEL_WIDTH, height: LABEL_HEIGHT, labelpos: 'c' };
    graph.setEdge(from, to, labelled ? room : {});
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: new Map([...ids].map(([name, id]) => [name, pointOf(graph.node(id))])),
    edges: graph.edges().map(({ v, w }: { v: string; w: string }) => {
      const edge = graph.edge(v, w);
      const ends = { from: names.get(v) ?? v, to: names.get(w) ?? w };
      const bends: readonly Point[] = (edge.points ?? []).map(pointOf);
      if (!labelled) return { ...ends, points: bends, label: bends[bends.length >> 1] ?? pointOf({}) };
      return { ...ends, points: straightAlongLabel(bends), label: pointOf(edge) };
    }),
  };
}

/** Replaces the middle point, at the label, by a straight segment as long as the label. */
function straightAlongLabel(points: readonly Point[]): Point[] {
  const at = Math.floor(points.length / 2);
  const [first, middle, last] = [points[0], points[at], points.at(-1)];
  if (first === undefined || middle === undefined || last === undefined || points.length < 3)
    return [...points];
  const run = (part: number): Point => ({
    x: middle.x + Math.sign(last.x - first.x) * part * LABEL_WIDTH,
    y: middle.y,
  });
  return [...points.slice(0, at), run(-0.5), run(0.5), ...points.slice(at + 1)];
}

function pointOf({ x = 0, y = 0 }: { x?: number; y?: number }): Point {
  return { x, y };
}
