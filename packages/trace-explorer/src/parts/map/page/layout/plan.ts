import type { MapCall, MapService } from '../../server/schemas.ts';

/** Pixels of a service's box, and of a call's label. */
export const NODE_WIDTH = 216;
export const NODE_HEIGHT = 66;
export const PILL_HEIGHT = 20;
/** Pixels of a line's head, in both directions. */
export const HEAD = 8;

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface ServiceBox {
  readonly key: string;
  readonly service: MapService;
}

/** What is drawn: services, and calls between the keys of their boxes. */
export interface MapGraph {
  /** Whether the boxes stand in their order, instead of one in which fewer lines cross. */
  readonly isOrdered?: boolean;
  readonly boxes: readonly ServiceBox[];
  readonly calls: readonly { readonly call: MapCall; readonly from: string; readonly to: string }[];
}

export interface ServiceBoxPlan extends ServiceBox {
  readonly at: Point;
}

export interface Line {
  readonly call: MapCall;
  /** The path of an SVG. */
  readonly path: string;
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
