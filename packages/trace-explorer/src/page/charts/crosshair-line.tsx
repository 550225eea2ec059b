import type { Crosshair } from './crosshair.ts';
import { useCrosshair } from './crosshair.ts';
import type { PlotLayout } from './plot-layout.ts';

export interface CrosshairLineProps {
  readonly crosshair: Crosshair;
  /** Seconds since the epoch at both ends of the plot. */
  readonly start: number;
  readonly end: number;
  readonly layout: Pick<PlotLayout, 'left' | 'gridWidth'>;
}

/** The vertical line through all charts. */
export function CrosshairLine({ crosshair, start, end, layout }: CrosshairLineProps) {
  const at = useCrosshair(crosshair);
  if (at === undefined || at < start || at > end) return null;
  const left = layout.left + (layout.gridWidth * (at - start)) / (end - start);
  return <div class="crosshair" style={{ left: `${left}px` }} />;
}
