import { Graph, layout } from '@dagrejs/dagre';
import type { MapCall, ServiceMap } from '../../server/schemas.ts';
import type { MapPlan, Point } from './plan.ts';
import { keyOfCall, NODE_HEIGHT, NODE_WIDTH } from './plan.ts';

/** With more lines, none has a label, because there is no room for all. Titles and tables have the figures. */
export const MAX_LABELS = 30;
/** Pixels of a label: in a window of 1,280, three columns of services fit beside the list, and four without it. */
const LABEL_WIDTH = 98;
const LABEL_HEIGHT = 24;

/** Arranges all services so that callers are to the left of the services they call. */
export function planWhole({ services, calls }: Pick<ServiceMap, 'services' | 'calls'>): MapPlan {
  const labelled = calls.length <= MAX_LABELS;
  const graph = new Graph();
  const ranksep = labelled ? 24 : 48;
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep, edgesep: 16, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  // dagre keeps nodes in plain objects, where a service named `__proto__` would change every object of the page.
  const ids = new Map(services.map(({ name }, index) => [name, `n${index}`]));
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  for (const id of names.keys()) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  const known = new Map<string, MapCall>();
  for (const call of calls) {
    const from = ids.get(call.from);
    const to = ids.get(call.to);
    if (from === undefined || to === undefined) continue;
    known.set(`${from} ${to}`, call);
    const room = { width: LABEL_WIDTH, height: LABEL_HEIGHT, labelpos: 'c' };
    graph.setEdge(from, to, labelled ? room : {});
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: services.map((service) => ({
      key: service.name,
      service,
      at: pointOf(graph.node(ids.get(service.name) ?? '')),
    })),
    lines: graph.edges().flatMap(({ v, w }: { v: string; w: string }) => {
      const call = known.get(`${v} ${w}`);
      if (call === undefined) return [];
      const edge = graph.edge(v, w);
      const bends: readonly Point[] = (edge.points ?? []).map(pointOf);
      const line = { key: keyOfCall(call), call };
      if (!labelled) return [{ ...line, points: bends }];
      return [{ ...line, points: bends, label: pointOf(edge) }];
    }),
  };
}

function pointOf({ x = 0, y = 0 }: { x?: number; y?: number }): Point {
  return { x, y };
}
