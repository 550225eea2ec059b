import type { PlotLayout } from './plot-layout.ts';

export interface CrosshairLineProps {
  /** The moment under the pointer in any of the charts; undefined without one. */
  readonly at: number | undefined;
  /** Seconds since the epoch at both ends of the plot. */
  readonly start: number;
  readonly end: number;
  readonly layout: Pick<PlotLayout, 'left' | 'gridWidth'>;
}

/** The vertical line through all charts. */
export function CrosshairLine({ at, start, end, layout }: CrosshairLineProps) {
  if (at === undefined || at < start || at > end) return null;
  const left = layout.left + (layout.gridWidth * (at - start)) / (end - start);
  return <div class="crosshair placed passive" style={{ left: `${left}px` }} />;
}
