import { formatDuration } from '../shared/format-duration.ts';
import { bar } from './bar.ts';
import type { Colours } from './colours.ts';
import type { TraceAnswer } from './explorer-client.ts';
import { columnsOf, fit, harmless, wrap } from './terminal-text.ts';

export interface RenderOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colours: Colours;
  readonly link: string;
}

type SpanRow = TraceAnswer['spans'][number];

/** Below this the bars would be of no use; lines then run over. */
const MIN_WIDTH = 30;
const MAX_SERVICE = 20;
/** Spans deeper than this are not indented further; their depth is written instead. */
const MAX_INDENTS = 16;
/** Errors that are spelled out below the waterfall. */
const MAX_ERRORS = 10;

/** A trace as text: a head line, the waterfall, errors and what is odd about it. */
export function renderTrace(trace: TraceAnswer, { width, colours, link }: RenderOptions): string {
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
  const rows = trace.spans.map((span, index) => {
    const label = fit(labels[index] ?? '', labelWidth);
    const drawn = bar(span.offset_ms, span.duration_ms, trace.duration_ms, barWidth);
    const painted = (text: string) => paint(span.service, text);
    const service = painted(fit(harmless(span.service), serviceWidth));
    const time = (times[index] ?? '').padStart(timeWidth);
    return `${service} ${span.error ? colours.error(label) : label} ${time} ${painted(drawn)}`.trimEnd();
  });
  return [
    ...head(trace, colours, total),
    colours.dim(link),
    '',
    ...rows,
    ...more(trace).flatMap((line) => wrap(line, total)),
    ...errors(trace).flatMap((line) =>
      wrap(line, total).map((each) => each.replace(/^✗/, colours.error('✗'))),
    ),
    ...trace.notices.flatMap((notice) => wrap(`! ${notice.message}`, total)),
    '',
  ].join('\n');
}

/** What the trace is, on one line where that is wide enough. */
function head(trace: TraceAnswer, colours: Colours, width: number): string[] {
  const [root] = trace.spans;
  const name = harmless(root?.name ?? '');
  const failed = trace.errors > 0 ? `✗ ${plural(trace.errors, 'error')}` : undefined;
  const facts = [
    formatDuration(trace.duration_ms),
    plural(trace.spans_total, 'span'),
    plural(trace.services.length, 'service'),
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

function more(trace: TraceAnswer): string[] {
  const hidden = trace.visible - trace.spans.length;
  return hidden > 0 ? ['', `… and ${plural(hidden, 'more span')}; --all shows them.`] : [];
}

function errors(trace: TraceAnswer): string[] {
  const failed = trace.spans.filter((span) => span.error && span.status_message !== undefined);
  const lines = failed.slice(0, MAX_ERRORS).map((span) => {
    const message = harmless((span.status_message ?? '').split('\n', 1)[0] ?? '').slice(0, 300);
    return `✗ ${harmless(span.service)}: ${harmless(span.name)}: ${message}`;
  });
  return lines.length > 0 ? ['', ...lines] : [];
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
