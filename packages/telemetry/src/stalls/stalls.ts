import type { Attributes, HrTime } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import { listenTo } from '../api/channels.ts';
import { ANCHOR } from '../sdk/clocked-provider.ts';
import type { Span, SpanProcessor } from '../sdk/engine.ts';
import { open } from '../sdk/open-spans.ts';
import type { Stall } from './event-loop.ts';
import { EventLoop } from './event-loop.ts';

/** The most events of a span; the rest is in the sum only. */
const MOST_EVENTS = 8;
/** A shorter overlap is not worth an event, in milliseconds. */
const LEAST_OVERLAP_MS = 1;
/** Spans older than this, in milliseconds, need no ticks: those of SSE, or of a job. */
const YOUNG_MS = 10_000;
/** A look at the ages of all spans, once a second. */
const TICKS_PER_LOOK = 50;
const BESIDE = 'tandem.stall.beside';

/**
 * Writes to spans how long their process stood still: an event `stall` for each stall that overlaps an open span,
 * `tandem.stalled_ms` with their sum, and to a SERVER span also `tandem.stalled_before_ms`, for which its request had waited.
 */
export function stallsOnSpans(): SpanProcessor {
  let asked = 0;
  const isBusy = () => open.size > 0 && (++asked % TICKS_PER_LOOK !== 0 || hasYoungSpan());
  const loop = new EventLoop(isBusy, (span, ms) => {
    if (span.kind === SpanKind.SERVER) writeBefore(span, { ms, kind: 'stopped' });
  });
  const stop = listenTo({ 'net.server.socket': () => loop.tellBefore(() => {}) });
  return {
    onStart(span) {
      if (span.kind === SpanKind.SERVER)
        loop.tellBefore((stall) => {
          const { ms } = stall; // it may go on after the span's start
          const write = () => writeBefore(span, { ms, kind: stall.kind });
          write();
          stall.amend.push(write);
        });
      loop.begin(span);
    },
    onEnding(span) {
      const anchor: number | undefined = Reflect.get(span, ANCHOR);
      if (anchor === undefined) return;
      const end = millisecondsOf(span.endTime) - anchor;
      loop.end(span, end);
      const last = loop.stalls.at(-1);
      const start = millisecondsOf(span.startTime) - anchor;
      if (last !== undefined && last.end >= start) writeStalls(span, loop.stalls, start, end);
    },
    onEnd() {},
    async forceFlush() {},
    async shutdown() {
      stop();
      loop.close();
    },
  };
}

function hasYoungSpan(): boolean {
  const since = Date.now() - YOUNG_MS;
  for (const { startTime } of open) if (millisecondsOf(startTime) > since) return true;
  return false;
}

function millisecondsOf([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}

function writeStalls(span: Span, stalls: readonly Stall[], start: number, end: number): void {
  const overlapping = stalls
    .map((stall) => ({ stall, ms: Math.min(stall.end, end) - Math.max(stall.start, start) }))
    .filter(({ stall, ms }) => ms >= LEAST_OVERLAP_MS || (stall.kind === 'suspended' && ms >= 0));
  if (overlapping.length === 0) return;
  span.setAttribute('tandem.stalled_ms', rounded(overlapping.reduce((sum, { ms }) => sum + ms, 0)));
  const longest = overlapping.toSorted((a, b) => b.ms - a.ms).slice(0, MOST_EVENTS);
  for (const { stall } of longest.toSorted((a, b) => a.stall.start - b.stall.start)) {
    span.addEvent('stall', eventOf(stall), stall.start);
    const attributes = span.events.at(-1)?.attributes;
    if (attributes === undefined) continue; // a host's limit allows no events
    stall.amend.push(() => {
      Reflect.deleteProperty(attributes, BESIDE);
      Object.assign(attributes, eventOf(stall));
    });
  }
}

function eventOf({ kind, ms, gcMs, beside }: Stall): Attributes {
  const [only, other] = beside;
  return {
    'tandem.stall.kind': kind,
    'tandem.stall.duration_ms': rounded(ms),
    ...(gcMs > 0 && { 'tandem.stall.gc_ms': rounded(gcMs) }),
    ...(only !== undefined && other === undefined && { [BESIDE]: only.name }),
  };
}

/** Also after the end of the span, until its export. */
function writeBefore({ attributes }: Span, { ms, kind }: Pick<Stall, 'ms' | 'kind'>): void {
  attributes['tandem.stalled_before_ms'] = rounded(ms);
  attributes['tandem.stalled_before.kind'] = kind;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
