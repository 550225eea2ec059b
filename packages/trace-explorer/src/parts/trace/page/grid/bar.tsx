import { lineText } from '../../../../core/traces/model/log-exception.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import type { Wait } from '../../../../core/traces/model/waits.ts';
import { waitWords } from '../../../../core/traces/model/waits.ts';
import { levelWord } from '../../../../lib/text/log-levels.ts';
import { LevelSign } from '../../../../page/log-lines/level-sign.tsx';
import { formatDuration } from '../../../../page/values/format.ts';
import type { BarPlace, LineRange } from '../state/geometry.ts';
import { placeBar } from '../state/geometry.ts';
import type { ClosedRun } from '../state/runs.ts';
import type { LogMark, TraceLog } from '../state/trace-logs.ts';
import { logMarks } from '../state/trace-logs.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { StallBars } from './stall-bars.tsx';
import { Stretch } from './stretch.tsx';
import { TitledBar } from './titled-bar.tsx';

export interface BarProps {
  readonly shown: ShownTrace;
  readonly index: number;
  /** The equal siblings for which the row stands, if it does not stand for its span alone. */
  readonly run: ClosedRun | undefined;
  /** Width of the time line in pixels; 0 while it is unknown. */
  readonly line: number;
  /** Log lines of the span, ordered by time. */
  readonly logs: readonly TraceLog[];
}

/**
 * The bar of a span on the time line with its duration, its events and log lines; of equal siblings in one row, the bar of each
 * and the time of all together.
 */
export function Bar({ shown, index, run, line, logs }: BarProps) {
  const { model, range, criticalPath } = shown;
  const indexes = run?.indexes ?? [index];
  const length = run?.together ?? model.length[index] ?? 0;
  const { pieces, side } = piecesOf(model, indexes, range);
  const [begin] = pieces;
  const took = formatDuration(length / 1e6);
  if (begin === undefined)
    return (
      <span class="bar-outside muted" style={side < 0 ? { '--left': '0' } : { '--right': '0' }}>
        {side < 0 ? `‹ ${took}` : `${took} ›`}
      </span>
    );
  const isAlone = run === undefined;
  const path = isAlone ? criticalPath : undefined;
  const critical = path?.time(index) ?? 0;
  const part = critical > 0 ? ` (${formatDuration(critical / 1e6)} critical)` : '';
  const other = model.comparison?.(index);
  const color = other?.difference === 'missing' ? 'none' : shown.coloring.colorOf(index);
  // Hatched parts of the bar show the stalls.
  const events = (model.events.get(index) ?? []).filter(({ name }) => isAlone && name !== 'stall');
  const waits = indexes.map(model.wait);
  const lines = isAlone ? logMarks(logs, range, line) : [];
  const marked = [
    ...pieces.map(({ until }) => until),
    ...events.map((event) => placeBar(event.offset, 0, range).left),
    ...lines.map(
      (mark) =>
        mark.left +
        (mark.count > 1 && mark.left <= EDGE && line > 0 ? (100 * labelWidth(`${mark.count}`)) / line : 0),
    ),
    placeBar(
      waits.reduce((most, wait) => Math.max(most, wait?.until ?? 0), 0),
      0,
      range,
    ).left,
  ];
  const classes = ['bar', path !== undefined && critical === 0 && 'bar-aside'].filter(Boolean).join(' ');
  return (
    <>
      <WaitBars waits={waits} range={range} />
      {pieces.map(({ left, until, failed }, nth) => (
        <TitledBar
          key={`${nth}`}
          shown={shown}
          index={index}
          run={run}
          class={failed ? `${classes} bar-error` : classes}
          style={{ left: `${left}%`, width: `${until - left}%`, background: color }}
        />
      ))}
      <StallBars model={model} indexes={indexes} range={range} />
      {path?.segments(index).map(([from, until]) => (
        <Stretch key={from} class="bar-critical" offset={from} length={until - from} range={range} />
      ))}
      {other !== undefined && (other.difference === 'slower' || other.difference === 'faster') && (
        <Stretch
          class="bar-other"
          offset={model.offset[index] ?? 0}
          length={other.otherDuration}
          range={range}
        />
      )}
      {events.map(({ name, offset }, nth) => {
        const title = `${name} at ${formatDuration(Math.max(0, offset) / 1e6)}`;
        return (
          <Stretch
            key={`${nth} ${offset}`}
            class={name === 'exception' ? 'event-mark exception' : 'event-mark'}
            offset={offset}
            range={range}
            role="img"
            aria-label={title}
            title={title}
          />
        );
      })}
      {lines.map((mark) => (
        <LogSign key={mark.line.entry.id} mark={mark} />
      ))}
      <Label
        text={took}
        more={isAlone ? part : ' together'}
        left={begin.left}
        until={Math.max(...marked)}
        line={line}
      />
    </>
  );
}

/** Percent of the time line below which two bars of a run become one. */
const TOUCHING = 0.3;

/** The bars of some spans in order, in percent; without any in the range, the side on which they are. */
function piecesOf(model: TraceModel, indexes: readonly number[], range: LineRange) {
  const pieces: { left: number; until: number; failed: boolean }[] = [];
  let side: BarPlace['outside'] = 0;
  for (const index of indexes) {
    const { left, width, outside } = placeBar(model.offset[index] ?? 0, model.length[index] ?? 0, range);
    const last = pieces.at(-1);
    const failed = model.error[index] === 1;
    if (outside !== 0) side = outside;
    else if (last !== undefined && left - last.until < TOUCHING && last.failed === failed)
      last.until = Math.max(last.until, left + width);
    else pieces.push({ left, until: left + width, failed });
  }
  return { pieces, side };
}

/** Percent from which on the number of a sign stands before it. */
const EDGE = 92;
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
        return (
          <Stretch key={from} class="bar-wait" title={text} offset={from} length={until - from} range={range}>
            {lengthOf(longest) === most && (
              <span class="ellipsis" aria-hidden="true">
                {text}
              </span>
            )}
          </Stretch>
        );
      })}
    </>
  );
}

function lengthOf({ from, until }: Wait): number {
  return until - from;
}

/** The log lines at one point of the bar, with the sign of the most important one. */
function LogSign({ mark: { left, line, count } }: { mark: LogMark }) {
  const { entry, offset } = line;
  const first = `${levelWord(entry.severity)} at ${formatDuration(Math.max(0, offset) / 1e6)}: ${lineText(entry).slice(0, 300)}`;
  const title = count === 1 ? first : `${count} log lines, among them ${first}`;
  return (
    <span
      class="log-mark"
      style={{ left: `${left}%`, ...(left > EDGE && { '--left': 'auto', '--right': '11px' }) }}
      role="img"
      aria-label={title}
      title={title}
    >
      <LevelSign kind={line.kind} />
      {count > 1 && <span class="log-count">{count}</span>}
    </span>
  );
}
