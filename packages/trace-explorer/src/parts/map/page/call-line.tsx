import { hrefOf } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { secondsOf } from '../../../core/places/shown-range.ts';
import { plural } from '../../../lib/text/words.ts';
import { failedShare } from '../../../page/api/failed-text.ts';
import { about, aboutCount, formatDuration, formatRate, formatShare } from '../../../page/values/format.ts';
import type { CallTraffic, MapCall } from '../server/schemas.ts';
import type { Line, Point } from './layout/plan.ts';
import { PILL_HEIGHT } from './layout/plan.ts';
import type { ShownMap } from './shown-map.ts';
import { isHigh } from './shown-map.ts';
import { callPlace } from './span-places.ts';

/** Pixels by which the thickest line is thicker than the thinnest. */
const THICKEST = 5;
/** Pixels of a letter of a label, on the average. */
const LETTER = 6;

interface CallLineProps {
  readonly line: Line;
  readonly shown: ShownMap;
  /** The call's share of the time that the drawn calls took together, from 0 to 1: its thickness. */
  readonly share: number;
  /** Whether the failures begin at its end, so that the line is red, too. */
  readonly begins: boolean;
  /** Whether it begins or ends at the box under the pointer; undefined where there is none. */
  readonly isLit: boolean | undefined;
  /** Called when the pointer or the focus comes and goes. */
  readonly onPointed: (isPointed: boolean) => void;
}

/** A call between two services: a link to its spans, each with its trace. */
export function CallLine({ line, shown, share, isLit, onPointed, ...props }: CallLineProps) {
  const { map, range } = shown;
  const { call, path, label } = line;
  const href = hrefOf(callPlace(call, map, range));
  const isRed = isHigh(call);
  const begins = isRed && props.begins;
  const figure = figureOf(call, shown);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a link, unless the part of its view was left out
    <a
      {...(href !== undefined && { href })}
      class={`map-call muted${isLit === undefined ? '' : isLit ? ' lit' : ' unlit'}`}
      onPointerEnter={() => onPointed(true)}
      onPointerLeave={() => onPointed(false)}
      onFocus={() => onPointed(true)}
      onBlur={() => onPointed(false)}
    >
      <title>{`${call.from} calls ${call.to}: ${trafficText(call, range)}, ${formatShare(share)} of the time of all drawn calls`}</title>
      <path d={path} class="map-hit" fill="none" stroke="transparent" stroke-width={14} />
      <path
        d={path}
        class={begins ? 'map-edge failing' : 'map-edge'}
        fill="none"
        stroke={begins ? 'var(--err)' : 'var(--edge)'}
        opacity={begins ? 1 : 0.65}
        stroke-width={1.2 + THICKEST * share}
        marker-end={begins ? 'url(#arrow-failing)' : 'url(#arrow)'}
      />
      {label && (
        <Pill at={label} text={figure} class={isRed && figure === failedText(call) ? 'failing' : ''} />
      )}
    </a>
  );
}

/** What a call's label leaves out, while the pointer or the focus is at the call or at one of its ends: over the boxes. */
export function MoreOfCall({ line, shown }: Pick<CallLineProps, 'line' | 'shown'>) {
  const { call, label } = line;
  if (label === undefined) return null;
  return (
    <Pill
      at={{ x: label.x, y: label.y + PILL_HEIGHT + 2 }}
      text={
        figureOf(call, shown) === p95Text(call) ? rateText(call, shown.range) : paceText(call, shown.range)
      }
      class="map-more muted passive"
    />
  );
}

/** The figure of the path: the share that failed, or the time of all calls, which does not depend on what else is drawn. */
export function figureOf(call: MapCall, { measure }: Pick<ShownMap, 'measure'>): string {
  if (measure === 'time') return `${about(formatDuration(call.total_ms), call.stored)} in all`;
  return call.errors > 0 ? failedText(call) : p95Text(call);
}

function failedText(call: MapCall): string {
  return `${failedShare(call)} failed`;
}

function p95Text({ p95_ms, stored }: CallTraffic): string {
  return `P95 ${about(formatDuration(p95_ms), stored)}`;
}

/** How often: `12/min`. */
export function rateText({ count, stored }: CallTraffic, range: Range): string {
  return about(formatRate(count, secondsOf(range)), stored);
}

/** Pixels of the label with a text. */
export function pillWidth(text: string): number {
  return text.length * LETTER + 18;
}

function Pill({ at: { x, y }, text, class: name }: { at: Point; text: string; class: string }) {
  const isRed = name === 'failing';
  const width = pillWidth(text);
  return (
    <g class={`map-pill ${name}`} fill="var(--canvas)" stroke={isRed ? 'var(--err-line)' : 'var(--line)'}>
      <rect
        x={x - width / 2}
        y={y - PILL_HEIGHT / 2}
        width={width}
        height={PILL_HEIGHT}
        rx={PILL_HEIGHT / 2}
      />
      <text class={isRed ? 'label error-text' : 'label'} text-anchor="middle" x={x} y={y + 4}>
        {text}
      </text>
    </g>
  );
}

/** How often and how fast: `12/min · P95 30 ms`. */
export function paceText(call: CallTraffic, range: Range): string {
  const rate = rateText(call, range);
  return call.count === 0 ? rate : `${rate} · ${p95Text(call)}`;
}

/** All numbers in one line. */
export function trafficText(traffic: CallTraffic, range: Range): string {
  const { stored } = traffic;
  const count = aboutCount(traffic.count, plural(traffic.count, 'call'), stored);
  const estimate = (text: string) => about(text, stored);
  const took = (ms: number) => about(formatDuration(ms), stored);
  const calls = `${count}, ${estimate(formatRate(traffic.count, secondsOf(range)))}`;
  const errors = `${aboutCount(traffic.errors, plural(traffic.errors, 'error'), stored)} (${failedShare(traffic)})`;
  if (traffic.count === 0) return calls;
  return `${calls}, ${errors}, P50 ${took(traffic.p50_ms)}, P95 ${took(traffic.p95_ms)}`;
}
