import type { MapCall, MapService, ServiceMap } from '../../server/schemas.ts';
import type { RankedBy } from '../ranked.ts';
import { worseCall } from '../ranked.ts';
import type { Line, MapPlan, Point, ServiceBoxPlan } from './plan.ts';
import { keyOfCall, NODE_HEIGHT, NODE_WIDTH } from './plan.ts';

/** Pixels between two boxes of a column, and between two columns: the room of a label. Three columns fit into 932 pixels, as a window of 1,280 has them beside the list. */
const ROW_GAP = 12;
const COLUMN_GAP = 126;
/** Pixels of a box of a column with the gap below. */
export const ROW = NODE_HEIGHT + ROW_GAP;
/** Pixels between the ends of two lines at the box in the middle. */
const END_GAP = 10;
const MARGIN = 8;

interface Neighbour {
  readonly service: MapService;
  readonly call: MapCall;
}

/** The callers or the callees of a service. The most failures come first, or the most time. */
export function neighboursOf(
  { services, calls }: ServiceMap,
  name: string,
  side: 'callers' | 'callees',
  measure: RankedBy,
): Neighbour[] {
  const [end, other] = side === 'callers' ? (['from', 'to'] as const) : (['to', 'from'] as const);
  const byName = new Map(services.map((service) => [service.name, service]));
  const own = calls.filter((call) => call[other] === name).sort(worseCall(measure));
  return own.flatMap((call) => {
    const service = byName.get(call[end]);
    return service === undefined ? [] : [{ service, call }];
  });
}

/** Puts a service in the middle, callers to its left, callees to its right. */
export function planAround(
  center: MapService,
  callers: readonly Neighbour[],
  callees: readonly Neighbour[],
): MapPlan {
  const rows = Math.max(1, callers.length, callees.length);
  const height = 2 * MARGIN + rows * ROW - ROW_GAP;
  const sides = [callers, callees].filter(({ length }) => length > 0).length;
  const step = NODE_WIDTH + COLUMN_GAP;
  const left = MARGIN + NODE_WIDTH / 2;
  const middle: Point = { x: left + (callers.length > 0 ? step : 0), y: height / 2 };
  const boxes: ServiceBoxPlan[] = [{ key: center.name, service: center, at: middle }];
  const lines: Line[] = [];
  for (const shown of [callers, callees]) {
    const isLeft = shown === callers;
    const top = (height - (shown.length * ROW - ROW_GAP)) / 2 + NODE_HEIGHT / 2;
    shown.forEach(({ service, call }, row) => {
      const at = { x: middle.x + (isLeft ? -step : step), y: top + row * ROW };
      const inward = isLeft ? 1 : -1;
      const edge = { x: at.x + (inward * NODE_WIDTH) / 2, y: at.y };
      const gap = Math.min(END_GAP, (NODE_HEIGHT - 2 * MARGIN) / Math.max(1, shown.length - 1));
      const end = {
        x: middle.x - (inward * NODE_WIDTH) / 2,
        y: middle.y + (row - (shown.length - 1) / 2) * gap,
      };
      const outward = [edge, end];
      boxes.push({ key: `${isLeft ? 'callers' : 'callees'} ${service.name}`, service, at });
      lines.push({
        key: keyOfCall(call),
        call,
        points: isLeft ? outward : outward.toReversed(),
        label: { x: (edge.x + end.x) / 2, y: (edge.y + end.y) / 2 },
      });
    });
  }
  return { width: 2 * MARGIN + NODE_WIDTH + sides * step, height, boxes, lines };
}
