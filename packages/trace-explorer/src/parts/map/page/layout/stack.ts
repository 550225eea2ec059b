import type { MapCall } from '../../server/schemas.ts';
import type { MapGraph, MapPlan, ServiceBoxPlan } from './plan.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './plan.ts';

/** Pixels around the drawing, between two boxes, and between a box, a label and the line that all calls share. */
const MARGIN = 8;
const GAP = 16;
const BEND = 12;
/** Pixels beside the boxes for what is said of the call under the pointer. */
const SAID = 150;

/**
 * Arranges a service between its callers and its callees in one column, for a window that is hardly wider than a box. All calls
 * run beside the boxes, with their labels.
 * @param graph the service first, then its callers and its callees
 * @param widthOf pixels of a call's label
 */
export function stack({ boxes, calls }: MapGraph, widthOf: (call: MapCall) => number): MapPlan {
  const center = boxes[0]?.key ?? '';
  const callers = new Set(calls.filter(({ to }) => to === center).map(({ from }) => from));
  const order = [
    ...boxes.filter(({ key }) => callers.has(key)),
    ...boxes.slice(0, 1),
    ...boxes.slice(1).filter(({ key }) => !callers.has(key)),
  ];
  const placed = order.map((box, row): ServiceBoxPlan => {
    const y = MARGIN + NODE_HEIGHT / 2 + row * (NODE_HEIGHT + GAP);
    return { ...box, at: { x: MARGIN + NODE_WIDTH / 2, y } };
  });
  const rows = new Map(placed.map(({ key, at }) => [key, at.y]));
  const middle = rows.get(center) ?? 0;
  const edge = MARGIN + NODE_WIDTH;
  const widest = Math.max(0, ...calls.map(({ call }) => widthOf(call)));
  const beside = edge + widest + 2 * BEND;
  return {
    width: Math.max(beside + MARGIN, edge + SAID),
    height: 2 * MARGIN + order.length * (NODE_HEIGHT + GAP) - GAP,
    boxes: placed,
    lines: calls.flatMap(({ call, from, to }) => {
      const isCaller = to === center;
      const y = rows.get(isCaller ? from : to);
      if (y === undefined) return [];
      // Those that come end above those that go.
      const own = middle + (isCaller ? -1 : 1) * BEND;
      const down = own > y ? 1 : -1;
      const [start, end] = isCaller ? [y, own] : [own, y];
      const [first, last] = isCaller
        ? [y + down * BEND, own - down * BEND]
        : [own - down * BEND, y + down * BEND];
      const path =
        `M${edge} ${start}C${beside} ${start} ${beside} ${start} ${beside} ${first}` +
        `C${beside} ${first} ${beside} ${last} ${beside} ${last}` +
        `C${beside} ${end} ${beside} ${end} ${edge} ${end}`;
      return { call, path, label: { x: edge + BEND + widest / 2, y } };
    }),
  };
}
