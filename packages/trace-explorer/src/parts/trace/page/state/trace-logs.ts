import type { LogEntry } from '../../../../core/logs/schemas.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import type { Level } from '../../../../lib/text/log-levels.ts';
import { LEVEL_NAMES } from '../../../../lib/text/log-levels.ts';
import type { LineKind } from '../../../../page/log-lines/levels.ts';
import { kindOf, LINE_KINDS } from '../../../../page/log-lines/levels.ts';
import type { LineRange } from './geometry.ts';
import { placeBar } from './geometry.ts';

export interface TraceLog {
  readonly entry: LogEntry;
  readonly kind: LineKind;
  /** Index of the line's span; -1 without a span, and for a span that has not arrived. */
  readonly index: number;
  /** Nanoseconds from the trace's start, by the displayed clock of the line's span. */
  readonly offset: number;
}

/** The log lines of a trace, ordered by time. */
export interface TraceLogs {
  readonly lines: readonly TraceLog[];
  /** Whether the trace has more lines than were read. */
  readonly more: boolean;
  readonly byIndex: ReadonlyMap<number, readonly TraceLog[]>;
  /** The number of lines whose spans have not arrived. */
  readonly late: number;
}

export const NO_LOGS: TraceLogs = { lines: [], more: false, byIndex: new Map(), late: 0 };

/** Up to this number of spans the search is one by one. For more spans, there is a map. */
const FEW = 64;

/** Assigns log lines to their spans. With `asSent`, times are not corrected, as in the model. */
export function placeLogs(
  model: TraceModel,
  { entries, more }: { readonly entries: readonly LogEntry[]; readonly more: boolean },
  { asSent = false } = {},
): TraceLogs {
  const find = placeFinder(model, new Set(entries.map(({ span_id }) => span_id)).size);
  const lines = entries
    .map((entry): TraceLog => {
      const index = entry.span_id === undefined ? -1 : find(entry.span_id);
      const shift = asSent || index < 0 ? 0 : model.shift(index);
      return {
        entry,
        index,
        kind: kindOf(entry),
        offset: Number(BigInt(entry.time_ns) - model.start) + shift,
      };
    })
    .sort((a, b) => a.offset - b.offset);
  const byIndex = new Map<number, TraceLog[]>();
  for (const line of lines) if (line.index >= 0) getOrMake(byIndex, line.index, () => []).push(line);
  const late = lines.filter(({ index, entry }) => index < 0 && entry.span_id !== undefined).length;
  return { lines, more, byIndex, late };
}

function placeFinder(model: TraceModel, spans: number): (spanId: string) => number {
  if (spans <= FEW) {
    const known = new Map<string, number>();
    return (spanId) => getOrMake(known, spanId, () => model.indexOf(spanId));
  }
  const indexes = new Map<string, number>();
  for (let index = model.count - 1; index >= 0; index--) indexes.set(model.spanId(index), index);
  return (spanId) => indexes.get(spanId) ?? -1;
}

/** Log lines of a span at one point of its bar. */
export interface LogMark {
  /** Position in percent of the time line. */
  readonly left: number;
  /** The most important of these lines. */
  readonly line: TraceLog;
  readonly count: number;
}

/** Pixels of a mark, and of a mark with a number. Closer marks become one mark with their number. */
const MARK_PIXELS = 14;
const NUMBERED_PIXELS = 30;

/** The marks of a span's lines in a part of the time line with a width in pixels. */
export function logMarks(lines: readonly TraceLog[], range: LineRange, width: number): LogMark[] {
  const marks: { left: number; line: TraceLog; count: number }[] = [];
  for (const line of lines) {
    const { left, outside } = placeBar(line.offset, 0, range);
    if (outside !== 0) continue;
    const last = marks.at(-1);
    const taken = last !== undefined && last.count > 1 ? NUMBERED_PIXELS : MARK_PIXELS;
    if (last !== undefined && ((left - last.left) / 100) * width < taken) {
      last.count += 1;
      if (LINE_KINDS.indexOf(line.kind) > LINE_KINDS.indexOf(last.line.kind)) last.line = line;
    } else marks.push({ left, line, count: 1 });
  }
  return marks;
}

/** Lines of at least a level that contain a text, in upper or lower case. */
export function filterLogs(lines: readonly TraceLog[], level: Level | undefined, text: string) {
  const least = LEVEL_NAMES.indexOf(level as Level);
  const wanted = text.trim().toLowerCase();
  if (least < 0 && wanted === '') return lines;
  return lines.filter(({ entry: { severity, body = '', event_name = '', service, attributes } }) => {
    if (LEVEL_NAMES.indexOf(severity as Level) < least) return false;
    return `${body} ${event_name} ${service} ${JSON.stringify(attributes)}`.toLowerCase().includes(wanted);
  });
}
