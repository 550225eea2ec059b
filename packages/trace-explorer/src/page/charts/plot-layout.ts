/** Where the parts of a chart are, in CSS pixels. */
export interface PlotLayout {
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

/** Lays a chart out for a width in CSS pixels, with room for a heatmap's histogram, which is narrow where there is little. */
export function plotLayout(width: number, height = 184, histogramWidth = width < 480 ? 40 : 88): PlotLayout {
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
