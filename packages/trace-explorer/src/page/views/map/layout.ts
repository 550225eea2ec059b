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
    readonly points: readonly Point[];
    readonly label: Point;
  }[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Places services so that callers stand before those whom they call; downwards where the window is narrow. */
export function layoutMap({ services, calls }: ServiceMap, direction: 'LR' | 'TB'): MapLayout {
  const graph = new Graph();
  graph.setGraph({
    rankdir: direction,
    nodesep: 32,
    ranksep: direction === 'LR' ? 150 : 84,
    edgesep: 24,
    marginx: 8,
    marginy: 8,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of services) graph.setNode(name, { width: nodeWidth, height: nodeHeight });
  const known = new Set(services.map(({ name }) => name));
  for (const { from, to } of calls) {
    if (known.has(from) && known.has(to)) graph.setEdge(from, to, { width: 110, height: 34, labelpos: 'c' });
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: new Map(graph.nodes().map((name: string) => [name, pointOf(graph.node(name))])),
    edges: graph.edges().map(({ v, w }: { v: string; w: string }) => {
      const edge = graph.edge(v, w);
      const points = (edge.points ?? []).map(pointOf);
      return { from: v, to: w, points, label: pointOf(edge) };
    }),
  };
}

function pointOf({ x = 0, y = 0 }: { x?: number; y?: number }): Point {
  return { x, y };
}
