/** Where the parts of a chart are, in CSS pixels. */
export type PlotLayout = ReturnType<typeof plotLayout>;

/** Lays a chart out for a width in CSS pixels, with room for a heatmap's histogram, which is narrow where there is little. */
export function plotLayout(width: number, height = 184, histogramWidth = width < 480 ? 40 : 88) {
  const left = 60;
  const gridWidth = Math.max(40, width - left - histogramWidth - 20);
  const top = 6;
  return {
    width,
    height,
    left,
    top,
    /** Of the grid alone. */
    gridWidth,
    gridHeight: height - top - 22,
    histogramLeft: left + gridWidth + 12,
    histogramWidth,
  };
}
