import type { LogListAnswer } from '../../../core/command/client/explorer-client.ts';
import type { Colours } from '../../../core/command/terminal/colours.ts';
import { attributesOf, LEVEL_WIDTH, paintedLevel } from '../../../core/command/terminal/log-line.ts';
import { columnsOf, fit, wrap } from '../../../core/command/terminal/terminal-text.ts';
import type { LogEntry } from '../../../core/logs/schemas.ts';
import { unsaidLine } from '../../../core/traces/findings/finding.ts';
import type { TraceDescription } from '../../../core/traces/forms/describe-trace.ts';
import { lineText } from '../../../core/traces/model/log-exception.ts';
import { formatDuration } from '../../../lib/text/format-duration.ts';
import { harmless, harmlessLine } from '../../../lib/text/harmless-text.ts';
import { counted } from '../../../lib/text/words.ts';
import { bar } from './bar.ts';

export interface RenderOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colours: Colours;
  readonly link: string;
  /** Log lines of the trace in the order of time, shown under their spans. */
  readonly logs?: LogListAnswer;
}

type SpanRow = TraceDescription['spans'][number];

/** Narrower bars would be useless. In a narrower terminal, lines wrap. */
const MIN_WIDTH = 30;
const MAX_SERVICE = 20;
/** Deeper spans are not indented further; a number says their depth. */
const MAX_INDENTS = 16;
/** Number of errors below the waterfall. */
const MAX_ERRORS = 10;

/** A trace as text: a head line, the waterfall with log lines, errors and findings. */
export function renderTrace(trace: TraceDescription, { width, colours, link, logs }: RenderOptions): string {
  const names = trace.services.map((service) => service.name);
  const total = Math.max(MIN_WIDTH, width);
  const minBar = Math.min(12, Math.floor(total * 0.2));
  const serviceWidth = Math.min(
    MAX_SERVICE,
    Math.floor(total * 0.25),
    Math.max(1, ...names.map((name) => columnsOf(harmless(name)))),
  );
  const times = trace.spans.map((span) => formatDuration(span.duration_ms));
  const timeWidth = Math.max(1, ...times.map(columnsOf));
  const labels = trace.spans.map(labelOf);
  const longest = Math.max(1, ...labels.map(columnsOf));
  const labelWidth = Math.min(
    longest,
    total - serviceWidth - timeWidth - minBar - 3,
    Math.floor(total * 0.45),
  );
  const barWidth = Math.max(minBar, total - serviceWidth - labelWidth - timeWidth - 3);

  const paint = colours.services(names);
  const bySpan = Map.groupBy(logs?.logs ?? [], ({ span_id }) => span_id ?? '');
  const start = BigInt(trace.start_ns);
  const lineOf = (entry: LogEntry, depth: number) =>
    logLine(entry, { start, indent: serviceWidth + 1 + 2 * Math.min(depth, MAX_INDENTS), total, colours });
  const rows = trace.spans.flatMap((span, index) => {
    const label = fit(labels[index] ?? '', labelWidth);
    const drawn = bar(span.offset_ms, span.duration_ms, trace.duration_ms, barWidth);
    const painted = (text: string) => paint(span.service, text);
    const service = painted(fit(harmless(span.service), serviceWidth));
    const time = (times[index] ?? '').padStart(timeWidth);
    const row = `${service} ${span.error ? colours.error(label) : label} ${time} ${painted(drawn)}`.trimEnd();
    const own = bySpan.get(span.span_id) ?? [];
    // The first of several spans with one id shows the lines.
    bySpan.delete(span.span_id);
    return [row, ...own.map((entry) => lineOf(entry, span.depth + 1))];
  });
  const isCut = trace.spans.length < trace.spans_total;
  return [
    ...head(trace, colours, total),
    colours.dim(link),
    '',
    ...rows,
    ...elsewhere(bySpan, isCut, (entry) => lineOf(entry, 0)),
    ...more(trace, logs).flatMap((line) => wrap(line, total)),
    ...errors(trace).flatMap((line) =>
      wrap(line, total).map((each) => each.replace(/^✗/, colours.error('✗'))),
    ),
    ...trace.findings.flatMap((finding) => wrap(findingText(finding), total)),
    '',
  ].join('\n');
}

function findingText(finding: TraceDescription['findings'][number]): string {
  const { sentence, exception, advice, fact } = finding;
  const said = [sentence, harmless(unsaidLine(sentence, finding))].filter(Boolean).join(' ');
  return [`${fact ? '·' : '!'} ${said}.`, exception && `${exception}.`, advice].filter(Boolean).join(' ');
}

interface LogLineOptions {
  /** Start of the trace, nanoseconds since the epoch. */
  readonly start: bigint;
  readonly indent: number;
  readonly total: number;
  readonly colours: Colours;
}

/** `WARN  +12.3 ms message name=value`, cut to the width. */
function logLine(entry: LogEntry, { start, indent, total, colours }: LogLineOptions): string {
  const offset = Number(BigInt(entry.time_ns) - start) / 1e6;
  const time = `${offset < 0 ? '-' : '+'}${formatDuration(Math.abs(offset))}`;
  const said = [harmlessLine(lineText(entry)), attributesOf(entry)];
  const text = `${time} ${said.filter((part) => part !== '').join('  ')}`;
  const room = Math.max(20, total - indent - LEVEL_WIDTH - 3);
  const cut = columnsOf(text) <= room ? text : fit(text, room).trimEnd();
  return `${' '.repeat(Math.min(indent, total - MIN_WIDTH))}· ${paintedLevel(entry, colours)} ${cut}`;
}

/** Log lines without a span above: lines without a span id, and lines of a span that has not arrived. */
function elsewhere(
  bySpan: ReadonlyMap<string, readonly LogEntry[]>,
  isCut: boolean,
  lineOf: (entry: LogEntry) => string,
): string[] {
  const { '': alone = [], others = [] } = Object.groupBy([...bySpan.values()].flat(), ({ span_id }) =>
    span_id === undefined ? '' : 'others',
  );
  const part = (title: string, entries: readonly LogEntry[]) =>
    entries.length === 0 ? [] : ['', title, ...entries.map(lineOf)];
  return [
    ...part('Log lines of the trace without a span:', alone),
    ...part(
      isCut
        ? 'Log lines of spans not shown here, or still under way:'
        : 'Log lines whose span has not arrived:',
      others,
    ),
  ];
}

/** Name and figures of the trace, on one line if the terminal is wide enough. */
function head(trace: TraceDescription, colours: Colours, width: number): string[] {
  const [root] = trace.spans;
  const name = harmless(root?.name ?? '');
  const failed = trace.errors > 0 ? `✗ ${counted(trace.errors, 'error')}` : undefined;
  const facts = [
    formatDuration(trace.duration_ms),
    counted(trace.spans_total, 'span'),
    ...(trace.sample_rate === undefined ? [] : [`×${trace.sample_rate}`]),
    counted(trace.services.length, 'service'),
    ...(failed === undefined ? [] : [failed]),
    `${trace.start.slice(0, 23).replace('T', ' ')} UTC`,
  ].join(' · ');
  const paint = (line: string) => (failed === undefined ? line : line.replace(failed, colours.error(failed)));
  if (columnsOf(`${name}  ${facts}`) <= width) return [`${colours.bold(name)}  ${paint(facts)}`];
  return [...wrap(name, width).map(colours.bold), ...wrap(facts, width).map(paint)];
}

function labelOf(span: SpanRow): string {
  const indent =
    span.depth <= MAX_INDENTS ? '  '.repeat(span.depth) : `${'  '.repeat(MAX_INDENTS)}(${span.depth}) `;
  return `${indent}${span.error ? '✗ ' : ''}${harmless(span.name)}`;
}

function more(trace: TraceDescription, logs: LogListAnswer | undefined): string[] {
  const hidden = trace.spans_total - trace.spans.length;
  const cut = [
    ...(hidden > 0 ? [counted(hidden, 'more span')] : []),
    ...(logs?.more ? ['more log lines'] : []),
  ];
  return cut.length > 0 ? ['', `… and ${cut.join(', and ')}; --all shows them.`] : [];
}

function errors(trace: TraceDescription): string[] {
  const failed = trace.spans.filter((span) => span.error && span.status_message !== undefined);
  const lines = failed.slice(0, MAX_ERRORS).map((span) => {
    const message = harmless((span.status_message ?? '').split('\n', 1)[0] ?? '').slice(0, 300);
    const at = span.line === undefined ? '' : ` (${harmless(span.line)})`;
    return `✗ ${harmless(span.service)}: ${harmless(span.name)}: ${message}${at}`;
  });
  return lines.length > 0 ? ['', ...lines] : [];
}
