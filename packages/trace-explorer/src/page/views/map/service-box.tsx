import type { Range } from '../../../places/shown-range.ts';
import { secondsOf } from '../../../places/shown-range.ts';
import { DATABASE_COLOR } from '../../../shared/service-color.ts';
import type { ServiceReport } from '../../../verify/report.ts';
import { failedShare } from '../../ask/failed-text.ts';
import { useServiceColor } from '../../components/services/service-colors.ts';
import { about, formatCount, formatDuration, formatRate } from '../../values/format.ts';
import { trafficText } from './call-line.tsx';
import type { Box } from './layout/plan.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './layout/plan.ts';
import type { ServiceFindings } from './use-findings.ts';

/** Pixels of the bar of errors. */
const BAR_WIDTH = NODE_WIDTH - 92;
const BAR_HEIGHT = 4;

interface ServiceBoxProps {
  readonly box: Box;
  /** The map around the service, or its spans. */
  readonly href: string;
  readonly range: Range;
  readonly selected: boolean;
  readonly findings?: ServiceFindings | undefined;
  /** Absent until the telemetry is verified, and for a database. */
  readonly report?: ServiceReport | undefined;
}

/** A service: its requests, its P95, its instrumentation's score, and a bar whose filled part is the share of its errors. */
export function ServiceBox({
  box: { service, at },
  href,
  range,
  selected,
  findings,
  report,
}: ServiceBoxProps) {
  const colorOf = useServiceColor();
  const [left, top] = [at.x - NODE_WIDTH / 2, at.y - NODE_HEIGHT / 2];
  const estimate = (text: string) => about(text, service.estimated);
  const fails = service.errors > 0;
  const figures = [
    estimate(formatRate(service.count, secondsOf(range))),
    ...(service.count > 0 ? [`P95 ${estimate(formatDuration(service.p95_ms))}`] : []),
  ].join(' · ');
  const score = report && `score ${report.score}, ${report.category}`;
  const classes = ['map-node', ...(selected ? ['selected'] : []), ...(fails ? ['failing'] : [])];
  return (
    <>
      <a href={href} class={classes.join(' ')} aria-current={selected}>
        <title>
          {`${service.type} ${service.name}: ${trafficText(service, range)}`}
          {score && `, instrumentation ${score}`}
        </title>
        <rect
          x={left}
          y={top}
          width={NODE_WIDTH}
          height={NODE_HEIGHT}
          rx={service.type === 'database' ? 14 : 4}
        />
        <rect
          x={left}
          y={top + 8}
          width="5"
          height={NODE_HEIGHT - 16}
          fill={service.type === 'database' ? DATABASE_COLOR : colorOf(service.name)}
          class="map-color"
        />
        <text x={left + 16} y={top + 19} class="map-name">
          {shortened(service.name, findings === undefined ? 24 : 18)}
        </text>
        <text x={left + 16} y={top + 36} class="muted" {...squeezed(figures)}>
          {figures}
        </text>
        {score && (
          <text x={left + 16} y={top + 52} class="muted map-small">
            {score}
          </text>
        )}
        {fails && (
          <>
            <rect x={left + 16} y={top + 60} width={BAR_WIDTH} height={BAR_HEIGHT} class="map-bar" />
            <rect
              x={left + 16}
              y={top + 60}
              width={Math.max(2, BAR_WIDTH * service.error_share)}
              height={BAR_HEIGHT}
              class="map-bar-filled"
            />
            <text x={left + NODE_WIDTH - 12} y={top + 65} class="failing map-small map-at-end">
              ✗ {failedShare(service)}
            </text>
          </>
        )}
      </a>
      {findings && (
        <a href={findings.href} class="map-findings">
          <title>{findings.text}</title>
          <text x={left + NODE_WIDTH - 12} y={top + 19}>
            ⚠ {formatCount(findings.count)}
          </text>
        </a>
      )}
    </>
  );
}

/** Characters of a line in a box. A longer line is drawn narrower, so that it stays within the box. */
const MOST_CHARACTERS = 26;

function squeezed(text: string) {
  if (text.length <= MOST_CHARACTERS) return {};
  return { textLength: NODE_WIDTH - 32, lengthAdjust: 'spacingAndGlyphs' } as const;
}

function shortened(name: string, most: number): string {
  return [...name].length > most ? `${[...name].slice(0, most - 1).join('')}…` : name;
}
