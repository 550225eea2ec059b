import type { MapCall, MapService } from '../../../map/service-map.ts';

/** Pixels of a service's box. */
export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 76;

/** With more lines, none has a label, because there is no room for all. Titles and tables have the figures. */
export const MAX_LABELS = 30;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** Centres of the boxes, by name. */
  readonly nodes: ReadonlyMap<string, Point>;
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    /** The points of the line, which is straight at its label. */
    readonly points: readonly Point[];
    /** The middle of the label. */
    readonly label: Point;
  }[];
}

/** The input of a layout: services, and their calls. */
export interface MapShape {
  readonly services: readonly Pick<MapService, 'name'>[];
  readonly calls: readonly Pick<MapCall, 'from' | 'to'>[];
}
