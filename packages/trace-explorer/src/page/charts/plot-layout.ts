/** Positions of the parts of a chart, in CSS pixels. */
export type PlotLayout = ReturnType<typeof plotLayout>;

/**
 * Lays out a chart for a width in CSS pixels, with room for a heatmap's histogram. In a small width the histogram is narrow.
 * @param isWhole whether the plot goes from edge to edge, with its labels on it and no histogram
 */
export function plotLayout(
  width: number,
  height = 184,
  histogramWidth = width < 480 ? 40 : 88,
  isWhole = false,
) {
  const left = isWhole ? 0 : 72; // the longest label is as `1 min 40 s`
  const gridWidth = Math.max(40, isWhole ? width : width - left - histogramWidth - 20);
  const top = 6;
  const gridHeight = height - top - 22;
  return {
    width,
    height,
    left,
    top,
    /** How far from the edges labels on the plot stand; 0 where they stand beside it. */
    inset: isWhole ? 16 : 0,
    /** Width of the grid without histogram and labels. */
    gridWidth,
    gridHeight,
    area: { left: `${left}px`, top: `${top}px`, width: `${gridWidth}px`, height: `${gridHeight}px` },
    histogramLeft: left + gridWidth + 12,
    histogramWidth,
  };
}
