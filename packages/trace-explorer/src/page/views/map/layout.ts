import { Graph, layout } from '@dagrejs/dagre';
import type { ServiceMap } from '../../../map/service-map.ts';

/** Pixels of a service's box. */
export const nodeWidth = 200;
export const nodeHeight = 76;

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** Centres of the boxes, by name. */
  readonly nodes: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    /** Straight along the label. */
    readonly points: readonly Point[];
    /** Where the label is read from: its middle when the line runs sideways, the line's right when downwards. */
    readonly label: Point;
  }[];
}

export type Direction = 'LR' | 'TB';

/** Pixels of a label: half stands above the line and half below, or all of it to the right of the line. */
const labelWidth = 116;
const labelHeight = 40;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Places services so that callers stand before those whom they call; downwards where the window is narrow. */
export function layoutMap({ services, calls }: ServiceMap, direction: Direction): MapLayout {
  const graph = new Graph();
  graph.setGraph({
    rankdir: direction,
    nodesep: 32,
    ranksep: direction === 'LR' ? 80 : 84,
    edgesep: 24,
    marginx: 8,
    marginy: 8,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of services) graph.setNode(name, { width: nodeWidth, height: nodeHeight });
  const known = new Set(services.map(({ name }) => name));
  for (const { from, to } of calls) {
    if (!known.has(from) || !known.has(to)) continue;
    const labelpos = direction === 'LR' ? 'c' : 'r';
    graph.setEdge(from, to, { width: labelWidth, height: labelHeight, labelpos, labeloffset: 8 });
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: new Map(graph.nodes().map((name: string) => [name, pointOf(graph.node(name))])),
    edges: graph.edges().map(({ v, w }: { v: string; w: string }) => {
      const edge = graph.edge(v, w);
      const points = straightAlongLabel((edge.points ?? []).map(pointOf), direction);
      const label = pointOf(edge);
      return direction === 'LR'
        ? { from: v, to: w, points, label }
        : { from: v, to: w, points, label: { ...label, x: label.x - labelWidth / 2 } };
    }),
  };
}

/** The middle point, where the label is, becomes a straight run as long as the label. */
function straightAlongLabel(points: readonly Point[], direction: Direction): Point[] {
  const at = Math.floor(points.length / 2);
  const [first, middle, last] = [points[0], points[at], points.at(-1)];
  if (first === undefined || middle === undefined || last === undefined || points.length < 3)
    return [...points];
  const run = (part: number): Point =>
    direction === 'LR'
      ? { x: middle.x + Math.sign(last.x - first.x) * part * labelWidth, y: middle.y }
      : { x: middle.x, y: middle.y + Math.sign(last.y - first.y) * part * labelHeight };
  return [...points.slice(0, at), run(-0.5), run(0.5), ...points.slice(at + 1)];
}

function pointOf({ x = 0, y = 0 }: { x?: number; y?: number }): Point {
  return { x, y };
}
