import { describeSeconds } from '../../components/times/describe-times.ts';
import { formatTick } from '../ticks.ts';
import type { SeriesLine, SeriesLines } from './series-lines.ts';

/** As the lines of an earlier time are drawn. */
const DASHES = 'repeating-linear-gradient(90deg, currentcolor 0 3px, transparent 3px 5px)';

export interface SeriesLegendProps {
  readonly series: SeriesLines;
  /** Groups in the result. Only the first groups have lines. */
  readonly groups: number;
  /** The moment under the pointer. */
  readonly at: number | undefined;
  readonly format: (value: number) => string;
  readonly colorOf: (line: SeriesLine) => string;
}

/** The name of each line, its value at the crosshair, and the compared value. */
export function SeriesLegend({ series, groups, at, format, colorOf }: SeriesLegendProps) {
  const { times, step, lines } = series;
  const index = at === undefined ? -1 : Math.floor((at - (times[0] ?? 0)) / step);
  const time = times[index];
  const drawn = lines.filter(({ earlier }) => earlier === undefined);
  const before = lines.filter(({ earlier }) => earlier !== undefined);
  const valueText = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : format(value);
  return (
    <ul class="legend line" style={{ paddingLeft: '60px' }}>
      {drawn.map((line, i) => (
        <li key={line.label} class="ellipsis" title={line.label}>
          <span class="service-mark" aria-hidden="true" style={{ '--own': colorOf(line) }} /> {line.label}
          {time !== undefined && <b> {valueText(line.values[index])}</b>}
          {time !== undefined && before[i] !== undefined && (
            <span class="muted"> {valueText(before[i].values[index])}</span>
          )}
        </li>
      ))}
      {before[0]?.earlier !== undefined && (
        <li class="muted">
          <span class="service-mark" aria-hidden="true" style={{ '--own': DASHES }} />{' '}
          {describeSeconds(before[0].earlier)} earlier
        </li>
      )}
      {groups > drawn.length && <li class="muted">and {groups - drawn.length} more in the table</li>}
      {time !== undefined && <li class="muted">{formatTick(time, Math.min(step, 59))}</li>}
    </ul>
  );
}
