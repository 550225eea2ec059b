import { lineText } from '../../../../shared/log-exception.ts';
import { levelWord } from '../../../../shared/log-levels.ts';
import { LevelSign } from '../../../logs/level-sign.tsx';
import { formatDuration } from '../../../values/format.ts';
import type { TimeRange } from '../state/geometry.ts';
import { placeBar } from '../state/geometry.ts';
import type { LogMark, TraceLog } from '../state/trace-logs.ts';
import { logMarks } from '../state/trace-logs.ts';
import type { ShownTrace } from '../state/use-actions.ts';

export interface BarProps {
  readonly shown: ShownTrace;
  readonly index: number;
  /** Width of the time line in pixels; 0 while it is unknown. */
  readonly line: number;
  /** Log lines of the span, ordered by time. */
  readonly logs: readonly TraceLog[];
}

/** A span's bar on the time line, with its duration. Its events and log lines are marks. */
export function Bar({ shown, index, line, logs }: BarProps) {
  const { model, range, criticalPath } = shown;
  const offset = model.offset[index] ?? 0;
  const length = model.length[index] ?? 0;
  const { left, width, outside } = placeBar(offset, length, range);
  const duration = formatDuration(length / 1e6);
  if (outside !== 0) {
    return (
      <span class={outside < 0 ? 'bar-outside' : 'bar-outside after'}>
        {outside < 0 ? `‹ ${duration}` : `${duration} ›`}
      </span>
    );
  }
  const critical = criticalPath?.time(index) ?? 0;
  const other = model.comparison?.(index);
  const color = other?.difference === 'missing' ? 'none' : shown.coloring.colorOf(index);
  const events = model.events.get(index) ?? [];
  const lines = logMarks(logs, range, line);
  const marked = [
    ...events.map((event) => placeBar(event.offset, 0, range).left),
    ...lines.map((mark) => mark.left),
  ];
  const more = critical > 0 ? ` (${formatDuration(critical / 1e6)} critical)` : '';
  // The label is on the side with more room, behind marks at the end of the bar; without room, within the bar.
  const behind = Math.max(left + width, ...marked);
  const isBefore = left > 100 - left - width;
  const room = ((isBefore ? left : 100 - behind) / 100) * line;
  const isWithin = line > 0 && room < labelWidth(duration + (line > NO_MORE_PIXELS ? more : ''));
  const away = isWithin ? 100 - left - width : isBefore ? 100 - left : behind;
  const classes = [
    'bar',
    model.error[index] === 1 && 'bar-error',
    criticalPath !== undefined && critical === 0 && 'bar-aside',
  ];
  return (
    <>
      <span
        class={classes.filter(Boolean).join(' ')}
        title={barTitle(shown, index)}
        style={{ left: `${left}%`, width: `${width}%`, background: color }}
      />
      {criticalPath?.segments(index).map(([from, until]) => (
        <Stretch key={from} class="bar-critical" offset={from} length={until - from} range={range} />
      ))}
      {other !== undefined && (other.difference === 'slower' || other.difference === 'faster') && (
        <Stretch class="bar-other" offset={offset} length={other.otherDuration} range={range} />
      )}
      {events.map(({ name, offset: at }, nth) => (
        <EventMark key={`${nth} ${at}`} name={name} offset={at} range={range} />
      ))}
      {lines.map((mark) => (
        <LogSign key={mark.line.entry.id} mark={mark} />
      ))}
      <span
        class={isBefore || isWithin ? 'bar-beside before' : 'bar-beside'}
        style={{ '--away': `${away}%` }}
      >
        <span class="bar-label">
          {duration}
          <span class="bar-more">{more}</span>
        </span>
      </span>
    </>
  );
}

/** Pixels of a time line without room for the critical time, as in waterfall.css. */
const NO_MORE_PIXELS = 300;

/** Pixels of a label with its margins: characters have 7 at most, on the average. */
function labelWidth(text: string): number {
  return 7 * text.length + 12;
}

/** A bar in words, including its ring and the line below it. */
function barTitle({ model, criticalPath }: ShownTrace, index: number): string {
  const time = (nanoseconds: number) => formatDuration(nanoseconds / 1e6);
  const critical = criticalPath?.time(index) ?? 0;
  const parts = [
    `${model.name(index)} of ${model.service(index)}: ${time(model.length[index] ?? 0)}`,
    model.error[index] === 1 ? 'failed, as the ring says' : '',
    critical > 0 ? `on the critical path for ${time(critical)}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

interface StretchProps {
  /** `bar-critical`: the time that the trace waited for this span. `bar-other`: the duration of its counterpart. */
  readonly class: string;
  readonly offset: number;
  readonly length: number;
  readonly range: TimeRange;
}

function Stretch({ class: name, offset, length, range }: StretchProps) {
  const { left, width, outside } = placeBar(offset, length, range);
  return outside === 0 ? <span class={name} style={{ left: `${left}%`, width: `${width}%` }} /> : null;
}

/** The log lines at one point of the bar, with the sign of the most important one. */
function LogSign({ mark: { left, line, count } }: { mark: LogMark }) {
  const { entry, offset } = line;
  const first = `${levelWord(entry.severity)} at ${formatDuration(Math.max(0, offset) / 1e6)}: ${lineText(entry).slice(0, 300)}`;
  const title = count === 1 ? first : `${count} log lines, among them ${first}`;
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
  return (
    <span
      class={name === 'exception' ? 'event-mark exception' : 'event-mark'}
      style={{ left: `${left}%` }}
      role="img"
      aria-label={title}
      title={title}
    />
  );
}
