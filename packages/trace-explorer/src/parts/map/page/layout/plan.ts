import type { MapCall, MapService } from '../../server/schemas.ts';

/** Pixels of a service's box. */
export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 72;

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
  /** The points of the line, which is straight at its label. */
  readonly points: readonly Point[];
  /** The middle of the label; undefined where there is no room. */
  readonly label?: Point;
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
