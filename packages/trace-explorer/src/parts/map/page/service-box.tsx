import { hrefOf } from '../../../core/places/place.ts';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { failedShare } from '../../../page/api/failed-text.ts';
import { knownScores } from '../../../page/components/services/known-scores.ts';
import { hasHollowMark, useServiceColor } from '../../../page/components/services/service-colors.ts';
import { serviceHref } from '../../../page/components/services/service-name.tsx';
import { paceText, rateText, trafficText } from './call-line.tsx';
import type { ServiceBoxPlan } from './layout/plan.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './layout/plan.ts';
import type { ShownMap } from './shown-map.ts';
import { isHigh } from './shown-map.ts';
import { servicePlace } from './span-places.ts';

interface ServiceBoxProps {
  readonly box: ServiceBoxPlan;
  readonly shown: ShownMap;
  readonly selected: boolean;
  /** Whether failures begin here, so that the box is red, too. */
  readonly begins: boolean;
  /** Called when the pointer or the focus comes and goes. */
  readonly onLit: (isLit: boolean) => void;
}

/** A lower score has a mark. */
const GOOD_SCORE = 75;
/** Letters that a name has room for, and those that a mark takes. */
const LETTERS = 23;
const MARK_LETTERS = 5;
/** Letters that the figures have room for. */
const FIGURE_LETTERS = 31;

/** A service: its requests, its P95, and the share of its failures. It leads to its page, a database to its spans. */
export function ServiceBox({ box, shown, selected, begins, onLit }: ServiceBoxProps) {
  const { range } = shown;
  const { service, at } = box;
  const isRed = isHigh(service);
  const colorOf = useServiceColor();
  const share = service.errors > 0 ? failedShare(service) : '';
  const pace = paceText(service, range);
  // Estimates are longer. Where they have no room, P95 stands in the title alone.
  const figures = pace.length + share.length > FIGURE_LETTERS ? rateText(service, range) : pace;
  const isDatabase = service.type === 'database';
  /** Of its telemetry, where it is known. */
  const score = isDatabase ? undefined : knownScores.get(service.name);
  const isLow = score !== undefined && score < GOOD_SCORE;
  const href = isDatabase ? hrefOf(servicePlace(service, range)) : serviceHref(service.name);
  const classes = [
    'map-node muted',
    ...(selected ? ['selected'] : []),
    ...(isRed && begins ? ['failing'] : []),
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a link, unless the part of its view was left out
    <a
      {...(href !== undefined && { href })}
      class={classes.join(' ')}
      aria-current={selected}
      {...{ transform: `translate(${at.x - NODE_WIDTH / 2} ${at.y - NODE_HEIGHT / 2})` }}
      onPointerEnter={() => onLit(true)}
      onPointerLeave={() => onLit(false)}
      onFocus={() => onLit(true)}
      onBlur={() => onLit(false)}
    >
      <title>
        {`${service.type} ${service.name}: ${trafficText(service, range)}`}
        {isLow && `, instrumentation score ${score}`}
      </title>
      {selected && (
        <rect
          x="-4"
          y="-4"
          width={NODE_WIDTH + 8}
          height={NODE_HEIGHT + 8}
          rx="14"
          fill="none"
          stroke="var(--accent)"
          stroke-width="2"
        />
      )}
      <rect
        class="map-box"
        width={NODE_WIDTH}
        height={NODE_HEIGHT}
        rx="10"
        fill="var(--surface)"
        stroke={isRed && begins ? 'var(--err)' : 'var(--line2)'}
      />
      {isDatabase ? (
        <path
          class="map-color"
          style={{ fill: 'none' }}
          stroke-width="1.4"
          d="M14 17c0-3 12-3 12 0v8c0 3-12 3-12 0zc0 3 12 3 12 0"
          stroke="var(--cdb)"
        />
      ) : (
        <rect
          class="map-color"
          x="15"
          y="16"
          width="8"
          height="8"
          rx="1"
          stroke-width="2"
          stroke={colorOf(service.name)}
          fill={hasHollowMark(service.name) ? 'var(--surface)' : colorOf(service.name)}
        />
      )}
      <text class="map-name strong" x="33" y="25">
        {middleCut(visibleName(service.name), isLow ? LETTERS - MARK_LETTERS : LETTERS)}
      </text>
      {isLow && (
        <text x={NODE_WIDTH - 14} y="25" text-anchor="end" class="map-low warning-text">
          ⚠ {score}
        </text>
      )}
      <text x="14" y="47">
        {figures}
      </text>
      {share !== '' && (
        <text x={NODE_WIDTH - 14} y="47" text-anchor="end" class={isRed ? 'error-text strong' : 'faint'}>
          {share}
        </text>
      )}
    </a>
  );
}

/** A name without its middle, where it has more letters than there is room for; wide letters count twice. */
function middleCut(name: string, most: number): string {
  const letters = [...name];
  const widthOf = (part: readonly string[]) =>
    part.reduce((sum, letter) => sum + (/[\u1100-\uffdc\u{1f000}-\u{3ffff}]/u.test(letter) ? 2 : 1), 0);
  if (widthOf(letters) <= most) return name;
  let [start, end] = [Math.ceil(most * 0.55), Math.floor(most * 0.4)];
  while (start > 1 && widthOf([...letters.slice(0, start), ...letters.slice(-end)]) >= most) {
    start -= 1;
    end = Math.max(1, end - 1);
  }
  return `${letters.slice(0, start).join('')}…${letters.slice(-end).join('')}`;
}
