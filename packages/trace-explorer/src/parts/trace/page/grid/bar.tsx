import { lineText } from '../../../../core/shared/log-exception.ts';
import { levelWord } from '../../../../core/shared/log-levels.ts';
import type { Wait } from '../../../../core/traces/model/waits.ts';
import { waitWords } from '../../../../core/traces/model/waits.ts';
import { LevelSign } from '../../../../page/log-lines/level-sign.tsx';
import { formatCount, formatDuration } from '../../../../page/values/format.ts';
import type { LineRange } from '../state/geometry.ts';
import { placeBar } from '../state/geometry.ts';
import type { ClosedRun } from '../state/runs.ts';
import type { LogMark, TraceLog } from '../state/trace-logs.ts';
import { logMarks } from '../state/trace-logs.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { StallBars } from './stall-bars.tsx';
import { TitledBar } from './titled-bar.tsx';

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
  if (outside !== 0) return <Outside side={outside} text={duration} />;
  const critical = criticalPath?.time(index) ?? 0;
  const other = model.comparison?.(index);
  const color = other?.difference === 'missing' ? 'none' : shown.coloring.colorOf(index);
  // Hatched parts of the bar show the stalls.
  const events = (model.events.get(index) ?? []).filter(({ name }) => name !== 'stall');
  const waits = [model.wait(index)];
  const lines = logMarks(logs, range, line);
  const marked = [
    ...events.map((event) => placeBar(event.offset, 0, range).left),
    ...lines.map((mark) => mark.left),
    ...endOf(waits, range),
  ];
  const classes = [
    'bar',
    model.error[index] === 1 && 'bar-error',
    criticalPath !== undefined && critical === 0 && 'bar-aside',
  ];
  return (
    <>
      <WaitBars waits={waits} range={range} />
      <TitledBar
        shown={shown}
        index={index}
        class={classes.filter(Boolean).join(' ')}
        style={{ left: `${left}%`, width: `${width}%`, background: color }}
      />
      <StallBars model={model} indexes={[index]} range={range} />
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
      <Label
        text={duration}
        more={critical > 0 ? ` (${formatDuration(critical / 1e6)} critical)` : ''}
        left={left}
        until={Math.max(left + width, ...marked)}
        line={line}
      />
    </>
  );
}

/** Percent of the time line below which two bars of a run become one. */
const TOUCHING = 0.3;

/** Equal siblings in one row: the bar of each, and the time of all together. */
export function RunBars({
  shown,
  run,
  line,
}: Pick<BarProps, 'shown' | 'line'> & { readonly run: ClosedRun }) {
  const { model, range } = shown;
  const [first = -1] = run.indexes;
  const text = formatDuration(run.together / 1e6);
  const pieces: { left: number; until: number; failed: boolean }[] = [];
  let side: -1 | 0 | 1 = 0;
  for (const index of run.indexes) {
    const { left, width, outside } = placeBar(model.offset[index] ?? 0, model.length[index] ?? 0, range);
    const last = pieces.at(-1);
    const failed = model.error[index] === 1;
    if (outside !== 0) side = outside;
    else if (last !== undefined && left - last.until < TOUCHING && last.failed === failed)
      last.until = Math.max(last.until, left + width);
    else pieces.push({ left, until: left + width, failed });
  }
  const [begin] = pieces;
  const waits = run.indexes.map(model.wait);
  if (begin === undefined) return <Outside side={side} text={text} />;
  const title = `${formatCount(run.indexes.length)} × ${model.name(first)} of ${model.service(first)}: ${text} together, the longest ${formatDuration(run.longest / 1e6)}`;
  return (
    <>
      <WaitBars waits={waits} range={range} />
      {pieces.map(({ left, until, failed }) => (
        <span
          key={left}
          class={failed ? 'bar bar-error' : 'bar'}
          title={title}
          style={{ left: `${left}%`, width: `${until - left}%`, background: shown.coloring.colorOf(first) }}
        />
      ))}
      <StallBars model={model} indexes={run.indexes} range={range} />
      <Label
        text={text}
        more=" together"
        left={begin.left}
        until={Math.max(...pieces.map(({ until }) => until), ...endOf(waits, range))}
        line={line}
      />
    </>
  );
}

function Outside({ side, text }: { side: -1 | 0 | 1; text: string }) {
  return (
    <span class="bar-outside muted" style={side < 0 ? { '--left': '0' } : { '--right': '0' }}>
      {side < 0 ? `‹ ${text}` : `${text} ›`}
    </span>
  );
}

/** Pixels after the end of the time line, as in waterfall.css: a duration has room there. */
const LABEL_ROOM = 76;
/** Pixels of a time line without room for more than durations. */
const NO_MORE_PIXELS = 300;

interface LabelProps {
  readonly text: string;
  /** Parts that are left out where they have no room. */
  readonly more: string;
  /** Where the bar begins, and where the bar and its marks end, in percent. */
  readonly left: number;
  readonly until: number;
  readonly line: number;
}

/** A duration beside its bar: behind the bar and its marks, or before the bar when only there the whole text has room. */
function Label({ text, more, left, until, line }: LabelProps) {
  const whole = labelWidth(text + more);
  const fits = (percent: number, further = 0) =>
    line > NO_MORE_PIXELS && (percent / 100) * line + further >= whole;
  const isBefore = !fits(100 - until, LABEL_ROOM) && fits(left);
  return (
    <span
      class="bar-label muted"
      style={isBefore ? { '--right': `${100 - left}%` } : { '--left': `${until}%` }}
    >
      {text}
      {more !== '' && (isBefore || fits(100 - until, LABEL_ROOM)) && <span class="bar-more">{more}</span>}
    </span>
  );
}

/** Pixels of a label with its margins: characters have 7 at most, on the average. */
function labelWidth(text: string): number {
  return 7 * text.length + 12;
}

/** Where the last of some waits ends, in percent: a duration stands behind the hatched bar. */
function endOf(waits: readonly (Wait | undefined)[], range: LineRange): number[] {
  const until = waits.reduce((most, wait) => Math.max(most, wait?.until ?? 0), 0);
  return until === 0 ? [] : [placeBar(until, 0, range).left];
}

/** How long messages waited until their work began. Waits at the same time are one hatched bar. */
function WaitBars({ waits, range }: { waits: readonly (Wait | undefined)[]; range: LineRange }) {
  const joined: { longest: Wait; from: number; until: number; isAlone: boolean }[] = [];
  for (const wait of waits.filter((each) => each !== undefined).sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last === undefined || wait.from > last.until) {
      joined.push({ ...wait, longest: wait, isAlone: true });
      continue;
    }
    last.until = Math.max(last.until, wait.until);
    last.isAlone = false;
    if (lengthOf(wait) > lengthOf(last.longest)) last.longest = wait;
  }
  const most = Math.max(...joined.map(({ longest }) => lengthOf(longest)));
  return (
    <>
      {joined.map(({ longest, from, until, isAlone }) => {
        const text = waitWords(longest, isAlone ? '' : 'up to ');
        const { left, width, outside } = placeBar(from, until - from, range);
        return outside === 0 ? (
          <span key={from} class="bar-wait" title={text} style={{ left: `${left}%`, width: `${width}%` }}>
            {lengthOf(longest) === most && (
              <span class="ellipsis" aria-hidden="true">
                {text}
              </span>
            )}
          </span>
        ) : null;
      })}
    </>
  );
}

function lengthOf({ from, until }: Wait): number {
  return until - from;
}

interface StretchProps {
  /** `bar-critical`: the time that the trace waited for this span. `bar-other`: the duration of its counterpart. */
  readonly class: string;
  readonly offset: number;
  readonly length: number;
  readonly range: LineRange;
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
      class={left > 92 ? 'log-mark at-edge' : 'log-mark'}
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

function EventMark({ name, offset, range }: { name: string; offset: number; range: LineRange }) {
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
