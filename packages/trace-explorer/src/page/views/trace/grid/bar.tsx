import { formatDuration } from '../../../format.ts';
import type { CriticalPath } from '../model/critical-path.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TimeRange } from './geometry.ts';
import { placeBar } from './geometry.ts';

export interface BarProps {
  readonly model: TraceModel;
  readonly place: number;
  readonly color: string;
  readonly range: TimeRange;
  /** The times at which the trace waited for this span; only while the critical path is shown. */
  readonly criticalPath: CriticalPath | undefined;
}

/** Percent of the width from which a bar's duration stands before it instead of after. */
const LABEL_TURNS = 78;

/** A span's time on the line, its duration, and its events as marks. */
export function Bar({ model, place, color, range, criticalPath }: BarProps) {
  const offset = model.offset[place] ?? 0;
  const length = model.length[place] ?? 0;
  const { left, width, outside } = placeBar(offset, length, range);
  const duration = formatDuration(length / 1e6);
  const critical = criticalPath?.time(place) ?? 0;
  if (outside !== 0) {
    return (
      <span class={outside < 0 ? 'bar-outside' : 'bar-outside after'}>
        {outside < 0 ? `‹ ${duration}` : `${duration} ›`}
      </span>
    );
  }
  const end = left + width;
  const inside = end > LABEL_TURNS && left < 100 - LABEL_TURNS;
  const label = end <= LABEL_TURNS ? 'after' : inside ? 'inside' : 'before';
  const other = model.comparison?.(place);
  const background = other?.difference === 'missing' ? 'none' : color;
  return (
    <>
      <span
        class={`bar${model.error[place] === 1 ? ' bar-error' : ''}${criticalPath !== undefined && critical === 0 ? ' bar-aside' : ''}`}
        style={{ left: `${left}%`, width: `${width}%`, background }}
      />
      {criticalPath?.segments(place).map(([from, until]) => (
        <Segment key={from} from={from} until={until} range={range} />
      ))}
      {other !== undefined && (other.difference === 'slower' || other.difference === 'faster') && (
        <OtherBar offset={offset} length={other.otherDuration} range={range} />
      )}
      {model.events.get(place)?.map((event, index) => (
        <EventMark key={`${index} ${event.offset}`} name={event.name} offset={event.offset} range={range} />
      ))}
      <span class={`bar-label ${label}`} style={labelPlace(label, left, end)}>
        {duration}
        {critical > 0 && <span class="critical-time"> ({formatDuration(critical / 1e6)} critical)</span>}
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

function labelPlace(label: string, left: number, end: number) {
  if (label === 'before') return { right: `${100 - left}%` };
  return { left: `${label === 'after' ? end : left}%` };
}
