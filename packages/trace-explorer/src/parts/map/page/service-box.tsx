import type { Range } from '../../../core/places/range.ts';
import { secondsOf } from '../../../core/places/shown-range.ts';
import { DATABASE_COLOR } from '../../../core/shared/service-color.ts';
import { failedShare } from '../../../page/api/failed-text.ts';
import { useServiceColor } from '../../../page/components/services/service-colors.ts';
import { about, formatDuration, formatRate } from '../../../page/values/format.ts';
import { trafficText } from './call-line.tsx';
import type { ServiceBoxPlan } from './layout/plan.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './layout/plan.ts';

/** Pixels of the bar of errors. */
const BAR_WIDTH = NODE_WIDTH - 92;
const BAR_HEIGHT = 4;

interface ServiceBoxProps {
  readonly box: ServiceBoxPlan;
  /** The service's page, or the database's spans. */
  readonly href: string | undefined;
  readonly range: Range;
  readonly selected: boolean;
  /** Whether so many calls fail that the box is red. */
  readonly isHigh: boolean;
  /** The score of its telemetry, where it is known. */
  readonly score: number | undefined;
  /** Called when the pointer or the focus comes and goes. */
  readonly onLit: (isLit: boolean) => void;
}

/** A lower score has a mark. */
const GOOD_SCORE = 75;

/** A service: its requests, its P95, and a bar whose filled part is the share of its errors. */
export function ServiceBox({
  box: { service, at },
  href,
  range,
  selected,
  isHigh,
  score,
  onLit,
}: ServiceBoxProps) {
  const colorOf = useServiceColor();
  const [left, top] = [at.x - NODE_WIDTH / 2, at.y - NODE_HEIGHT / 2];
  const estimate = (text: string) => about(text, service.estimated);
  const figures = [
    estimate(formatRate(service.count, secondsOf(range))),
    ...(service.count > 0 ? [`P95 ${estimate(formatDuration(service.p95_ms))}`] : []),
  ].join(' · ');
  const isLow = score !== undefined && score < GOOD_SCORE;
  const classes = ['map-node', ...(selected ? ['selected'] : []), ...(isHigh ? ['failing'] : [])];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a link, unless the part of its view was left out
    <a
      {...(href !== undefined && { href })}
      class={classes.join(' ')}
      aria-current={selected}
      onPointerEnter={() => onLit(true)}
      onPointerLeave={() => onLit(false)}
      onFocus={() => onLit(true)}
      onBlur={() => onLit(false)}
    >
      <title>
        {`${service.type} ${service.name}: ${trafficText(service, range)}`}
        {isLow && `, instrumentation score ${score}`}
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
      {inLines(service.name).map((line, nth) => (
        <text key={`${nth}`} x={left + 16} y={top + 18 + nth * LINE} class="map-name">
          {line}
        </text>
      ))}
      <text x={left + 16} y={top + 52} class="muted map-small" {...squeezed(figures)}>
        {figures}
      </text>
      {isLow && (
        <text x={left + NODE_WIDTH - 12} y={top + 18} class="map-low map-small map-at-end">
          ⚠ {score}
        </text>
      )}
      {service.errors > 0 && (
        <>
          <rect x={left + 16} y={top + 60} width={BAR_WIDTH} height={BAR_HEIGHT} class="map-bar" />
          <rect
            x={left + 16}
            y={top + 60}
            width={Math.max(2, BAR_WIDTH * service.error_share)}
            height={BAR_HEIGHT}
            class={isHigh ? 'map-bar-filled' : 'map-bar-few'}
          />
          <text
            x={left + NODE_WIDTH - 12}
            y={top + 65}
            class={`${isHigh ? 'failing' : 'muted'} map-small map-at-end`}
          >
            ✗ {failedShare(service)}
          </text>
        </>
      )}
    </a>
  );
}

/** Pixels of a line of a name, and the characters that it has room for. */
const LINE = 16;
const MOST_CHARACTERS = 20;

/** A name in at most two lines, broken where it has a sign between its words. */
function inLines(name: string): readonly string[] {
  const letters = [...name];
  if (letters.length <= MOST_CHARACTERS) return [name];
  const at = letters.findLastIndex((letter, index) => index < MOST_CHARACTERS && /[\s._/:-]/.test(letter));
  const cut = at > MOST_CHARACTERS / 3 ? at + 1 : MOST_CHARACTERS;
  const rest = letters.slice(cut);
  const second = rest.length > MOST_CHARACTERS ? [...rest.slice(0, MOST_CHARACTERS - 1), '…'] : rest;
  return [letters.slice(0, cut).join(''), second.join('')];
}

function squeezed(text: string) {
  if (text.length <= MOST_CHARACTERS + 6) return {};
  return { textLength: NODE_WIDTH - 32, lengthAdjust: 'spacingAndGlyphs' } as const;
}
