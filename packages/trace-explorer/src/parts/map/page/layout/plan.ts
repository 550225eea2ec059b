import type { MapCall, MapService } from '../../server/schemas.ts';

/** Pixels of a service's box. */
export const NODE_WIDTH = 216;
export const NODE_HEIGHT = 66;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ServiceBoxPlan {
  readonly key: string;
  readonly service: MapService;
  readonly at: Point;
}

export interface Line {
  readonly key: string;
  readonly call: MapCall;
  /** The points of the line, which is drawn as a curve. */
  readonly points: readonly Point[];
  /** The middle of the label; undefined where there is no room. */
  readonly label?: Point;
}

/** The curve through some points, as the path of an SVG: it leaves and reaches boxes level, and has no kink between. */
export function curveOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const at = ({ x, y }: Point) => `${x} ${y}`;
  if (rest.length === 1) {
    const reach = (last.x - first.x) / 2;
    return `M${at(first)}C${first.x + reach} ${first.y} ${last.x - reach} ${last.y} ${at(last)}`;
  }
  // From the middle of each piece to the middle of the next, bent by the point between.
  const bends = rest.slice(0, -1).map((point, nth) => {
    const next = rest[nth + 1] ?? last;
    const until = nth === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(until)}`;
  });
  return `M${at(first)}${bends.join('')}`;
}

/** Where boxes and lines are drawn, in pixels. */
export interface MapPlan {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly ServiceBoxPlan[];
  readonly lines: readonly Line[];
}

/** Identifies a call. */
export function keyOfCall({ from, to }: Pick<MapCall, 'from' | 'to'>): string {
  return JSON.stringify([from, to]);
}
