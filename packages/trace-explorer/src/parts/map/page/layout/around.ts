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

/** Callers or callees of a service: a page of them. */
export interface MapColumn {
  readonly side: 'callers' | 'callees';
  /** All services of this side. */
  readonly all: number;
  /** Position of the first one on this page. */
  readonly first: number;
  readonly shown: readonly { readonly service: MapService; readonly call: MapCall }[];
}

export interface Pages {
  readonly rows: number;
  /** The first caller and the first callee that are shown. */
  readonly callers: number;
  readonly callees: number;
  readonly measure: RankedBy;
}

/** The neighbours of a service in the drawing. The most failures come first, or the most time. */
export function aroundOf({ services, calls }: ServiceMap, center: MapService, pages: Pages) {
  const byName = new Map(services.map((service) => [service.name, service]));
  const column = (side: MapColumn['side'], end: 'from' | 'to', other: 'from' | 'to'): MapColumn => {
    const all = calls
      .filter((call) => call[other] === center.name)
      .sort(worseCall(pages.measure))
      .flatMap((call) => {
        const service = byName.get(call[end]);
        return service === undefined ? [] : [{ service, call }];
      });
    const last = Math.max(0, all.length - pages.rows);
    const first = Math.min(pages[side], last);
    return { side, all: all.length, first, shown: all.slice(first, first + pages.rows) };
  };
  return { center, callers: column('callers', 'from', 'to'), callees: column('callees', 'to', 'from') };
}

/** Puts a service in the middle, callers to its left, callees to its right. */
export function planAround({ center, callers, callees }: ReturnType<typeof aroundOf>): MapPlan {
  const rows = Math.max(1, callers.shown.length, callees.shown.length);
  const height = 2 * MARGIN + rows * ROW - ROW_GAP;
  const sides = [callers, callees].filter(({ shown }) => shown.length > 0).length;
  const step = NODE_WIDTH + COLUMN_GAP;
  const left = MARGIN + NODE_WIDTH / 2;
  const middle: Point = { x: left + (callers.shown.length > 0 ? step : 0), y: height / 2 };
  const boxes: ServiceBoxPlan[] = [{ key: center.name, service: center, at: middle }];
  const lines: Line[] = [];
  for (const { side, shown } of [callers, callees]) {
    const isLeft = side === 'callers';
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
      boxes.push({ key: `${side} ${service.name}`, service, at });
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
