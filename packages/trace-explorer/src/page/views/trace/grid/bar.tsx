import type { CriticalPath } from '../../../../traces/model/critical-path.ts';
import type { SpanGroup } from '../../../../traces/model/span-groups.ts';
import type { SpanMark, TraceModel } from '../../../../traces/model/trace-model.ts';
import { TEXT_SCALE } from '../../../components/virtual-rows.ts';
import { formatDuration } from '../../../format.ts';
import { LevelSign } from '../../../logs/level-sign.tsx';
import { levelWord, lineText } from '../../../logs/levels.ts';
import type { LogMark, TraceLog } from '../logs/trace-logs.ts';
import { logMarks } from '../logs/trace-logs.ts';
import type { BarPlace, TimeRange } from './geometry.ts';
import { labelSide, placeBar } from './geometry.ts';
import { inkOn } from './ink.ts';

export interface BarProps {
  readonly model: TraceModel;
  readonly place: number;
  /** Equal neighbours that are drawn as one: from the start of the first to the end of the last. */
  readonly group?: SpanGroup | undefined;
  readonly color: string;
  readonly range: TimeRange;
  /** Width of the time line in pixels, 0 while it is not known. */
  readonly line: number;
  /** The times at which the trace waited for this span; only while the critical path is shown. */
  readonly criticalPath: CriticalPath | undefined;
  /** Log lines of the span in the order of time. */
  readonly logs: readonly TraceLog[] | undefined;
}

/** Percent of the line below which two pieces are not told apart. */
const PIECE_GAP = 0.15;

/** Where the spans of a group are, in percent; those that touch are one piece, so that there are never more than can be seen. */
function pieces(model: TraceModel, group: SpanGroup, range: TimeRange): (readonly [number, number])[] {
  const found: [left: number, width: number][] = [];
  for (let place = group.first; place < group.end; place++) {
    const { left, width, outside } = placeBar(model.offset[place] ?? 0, model.length[place] ?? 0, range);
    if (outside !== 0) continue;
    const last = found.at(-1);
    if (last === undefined || left > last[0] + last[1] + PIECE_GAP) found.push([left, width]);
    else last[1] = Math.max(last[1], left + width - last[0]);
  }
  return found;
}

/** Pixels that a character of a label takes at most, in the browser's size of text, and what is around it. */
const CHARACTER = 7 * TEXT_SCALE;
const LABEL_PADDING = 14;
const EVENT_PIXELS = 12;

/** A span's time on the line, its duration, and its events and log lines as marks. */
export function Bar({ model, place, group, color, range, line, criticalPath, logs = [] }: BarProps) {
  const offset = group?.from ?? model.offset[place] ?? 0;
  const length = group === undefined ? (model.length[place] ?? 0) : group.until - group.from;
  const bar = placeBar(offset, length, range);
  const { left, width, outside } = bar;
  const duration = formatDuration(length / 1e6);
  const critical = criticalPath?.time(place) ?? 0;
  if (outside !== 0) {
    return (
      <span class={outside < 0 ? 'bar-outside' : 'bar-outside after'}>
        {outside < 0 ? `‹ ${duration}` : `${duration} ›`}
      </span>
    );
  }
  const events = model.events.get(place) ?? [];
  const lines = logs.length === 0 ? [] : logMarks(logs, range, line);
  const marks = [...events, ...lines.map((mark) => mark.line)].sort((a, b) => a.offset - b.offset);
  const sum = group === undefined ? '' : ` (${formatDuration(group.sum / 1e6)} in sum)`;
  const waited = critical > 0 ? ` (${formatDuration(critical / 1e6)} critical)` : '';
  const labelOf = (text: string) => {
    const room = text.length * CHARACTER + LABEL_PADDING;
    const end = afterMarks(marks, bar, range, room, line);
    return { text, room, end, side: labelSide({ left, width: end - left }, room, line) };
  };
  const whole = labelOf(duration + sum + waited);
  // Where the line is too short for all of it, the duration alone.
  const { text, room, end, side } = whole.side === 'over' ? labelOf(duration) : whole;
  const aside = criticalPath !== undefined && critical === 0;
  const other = model.comparison?.(place);
  const background = other?.difference === 'missing' ? 'none' : color;
  return (
    <>
      <span
        class={`bar${group === undefined ? '' : ' bar-group'}${model.error[place] === 1 ? ' bar-error' : ''}${aside ? ' bar-aside' : ''}`}
        style={{ left: `${left}%`, width: `${width}%`, background }}
      />
      {group !== undefined &&
        pieces(model, group, range).map(([from, share]) => (
          <span
            key={from}
            class="bar bar-piece"
            style={{ left: `${from}%`, width: `${share}%`, background }}
          />
        ))}
      {criticalPath?.segments(place).map(([from, until]) => (
        <Segment key={from} from={from} until={until} range={range} />
      ))}
      {other !== undefined && (other.difference === 'slower' || other.difference === 'faster') && (
        <OtherBar offset={offset} length={other.otherDuration} range={range} />
      )}
      {events.map((event, index) => (
        <EventMark key={`${index} ${event.offset}`} name={event.name} offset={event.offset} range={range} />
      ))}
      {lines.map((mark) => (
        <LogSign key={mark.line.entry.id} mark={mark} />
      ))}
      <span
        class={`bar-label ${side}`}
        style={{
          ...labelPlace(side, side === 'inside' ? clearOf(marks, bar, range, room, line) : left, end),
          ...(side === 'inside' && {
            color: aside || group !== undefined ? 'var(--text)' : inkOn(background),
          }),
        }}
      >
        {text}
      </span>
    </>
  );
}

/** A stretch in which the trace waited for this span itself. */
function Segment({ from, until, range }: { from: number; until: number; range: TimeRange }) {
  const { left, width, outside } = placeBar(from, until - from, range);
  if (outside !== 0) return null;
  return <span class="bar-critical" style={{ left: `${left}%`, width: `${width}%` }} />;
}

/** How long the span's counterpart took, as an outline. */
function OtherBar({ offset, length, range }: { offset: number; length: number; range: TimeRange }) {
  const { left, width } = placeBar(offset, length, range);
  return <span class="bar-other" style={{ left: `${left}%`, width: `${width}%` }} />;
}

/** The log lines at one point of the bar, by the sign of the most important. */
function LogSign({ mark: { left, line, count } }: { mark: LogMark }) {
  const { entry, offset } = line;
  const said = `${levelWord(entry.severity)} at ${formatDuration(Math.max(0, offset) / 1e6)}: ${lineText(entry).slice(0, 300)}`;
  const title = count === 1 ? said : `${count} log lines, among them ${said}`;
  return (
    <span
      class={left > 92 ? 'log-mark at-end' : 'log-mark'}
      style={{ left: `${left}%` }}
      role="img"
      aria-label={title}
      title={title}
    >
      <LevelSign kind={line.kind} />
      {count > 1 && <span class="log-count">{count}</span>}
    </span>
  );
}

function EventMark({ name, offset, range }: { name: string; offset: number; range: TimeRange }) {
  const { left, outside } = placeBar(offset, 0, range);
  if (outside !== 0) return null;
  const title = `${name} at ${formatDuration(Math.max(0, offset) / 1e6)}`;
  const isException = name === 'exception';
  return (
    <span
      class={isException ? 'event-mark exception' : 'event-mark'}
      style={{ left: `${left}%` }}
      role="img"
      aria-label={title}
      title={title}
    />
  );
}

/** Percent from which a label inside the bar runs into no mark of an event; the bar's start when there is no such place. */
function clearOf(
  marks: readonly Pick<SpanMark, 'offset'>[],
  { left, width }: BarPlace,
  range: TimeRange,
  room: number,
  line: number,
): number {
  const half = (EVENT_PIXELS / 2 / line) * 100;
  let from = left;
  for (const { offset } of marks) {
    const at = placeBar(offset, 0, range).left;
    if (at - half - from >= (room / line) * 100) return from;
    from = Math.max(from, at + half);
  }
  return left + width - from >= (room / line) * 100 ? from : left;
}

/** Percent from which a label after the bar runs into no mark that stands there: lines are often written as a span ends. */
function afterMarks(
  marks: readonly Pick<SpanMark, 'offset'>[],
  { left, width }: BarPlace,
  range: TimeRange,
  room: number,
  line: number,
): number {
  const half = line === 0 ? 0 : (EVENT_PIXELS / 2 / line) * 100;
  let from = left + width;
  for (const { offset } of marks) {
    const at = placeBar(offset, 0, range).left;
    if (at + half > from && at - half < from + (room / Math.max(1, line)) * 100) from = at + half;
  }
  return from;
}

function labelPlace(label: string, left: number, end: number) {
  if (label === 'before') return { right: `${100 - left}%` };
  if (label === 'over') return { right: '0' };
  return { left: `${label === 'after' ? end : left}%` };
}
