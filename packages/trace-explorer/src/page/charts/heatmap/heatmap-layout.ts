/** Where the parts of a heatmap are, in CSS pixels. */
export interface HeatmapLayout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  /** Of the grid alone. */
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly histogramLeft: number;
  readonly histogramWidth: number;
}

/** Lays a heatmap out for a width in CSS pixels; the histogram is narrow where there is little room. */
export function heatmapLayout(width: number, height = 208): HeatmapLayout {
  const histogramWidth = width < 480 ? 40 : 88;
  const left = 60;
  const gridWidth = Math.max(40, width - left - histogramWidth - 20);
  const top = 6;
  return {
    width,
    height,
    left,
    top,
    gridWidth,
    gridHeight: height - top - 22,
    histogramLeft: left + gridWidth + 12,
    histogramWidth,
  };
}
