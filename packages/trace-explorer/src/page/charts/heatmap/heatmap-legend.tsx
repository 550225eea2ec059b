import { useColorScheme } from '../../browser/use-color-scheme.ts';
import { formatCount } from '../../values/format.ts';
import { chartColors } from '../chart-colors.ts';

/** The meaning of a heatmap's colours: events per cell. */
export function HeatmapLegend({ most }: { most: number }) {
  const { ramp } = chartColors[useColorScheme()];
  const colors = ramp.filter((_, i) => i % 4 === 0).join(', ');
  return (
    <p class="legend line">
      <span>1</span>
      <span
        class="legend-ramp"
        aria-hidden="true"
        style={{ background: `linear-gradient(to right, ${colors})` }}
      />
      <span>{formatCount(most)} events per cell</span>
      <span class="muted">Drag to select, click to open a trace</span>
    </p>
  );
}
