import { trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace-base';
import { ATTR_PROCESS_ENDED } from '../../attributes.ts';
import { hasFailed, recordFailure, setFailed } from '../../common/failures.ts';
import { quietly } from '../../common/quietly.ts';
import { endUnreadNow } from '../http/unread-bodies.ts';
import type { SpanStep } from './span-steps.ts';

/**
 * `error.type` of spans that are ended while they are open, and the message of their status. At the end of the process,
 * `tandem.process_ended` is another attribute.
 */
const REASONS = {
  process_ended: 'the process ended while this span was open',
  timeout: 'the time was up while this span was open',
};

/** What an ended span does when its owner ends it, or writes to it, afterwards: nothing, for it is no mistake of the owner's. */
const ENDED: Partial<Span> = {
  end() {},
  ...Object.fromEntries(
    ['setAttribute', 'setAttributes', 'setStatus', 'updateName', 'addEvent', 'addLink', 'addLinks'].map(
      (name) => [name, returnSelf],
    ),
  ),
  recordException() {},
};

function returnSelf(this: Span): Span {
  return this;
}

/** Names of commands with which a client of Redis waits for something to read, and of those that wait only if they say BLOCK. */
const BLOCKING = /^(?:redis-)?B(?:[LR]POP|RPOPLPUSH|LMOVE|Z?L?MPOP|ZPOPM(?:IN|AX))\b/i;
const MAY_BLOCK = /^(?:redis-)?XREAD(?:GROUP)?\b/i;

/** Of more open spans, the oldest are forgotten, because spans that nobody ends must not fill memory. */
const MAX_OPEN = 10_000;
/** So many are forgotten at once: the oldest member of a set is behind the places of all that left it. */
const FORGOTTEN_TOGETHER = 1_000;

/** The open spans of this process, ordered by start. */
export const open: Set<Span> = new Set();

/** Keeps the open spans, so that the end of the process does not lose the spans of an unfinished request. */
export const openSpans: SpanStep = {
  onStart(span) {
    open.add(span);
    if (open.size < MAX_OPEN + FORGOTTEN_TOGETHER) return;
    for (const oldest of open) {
      open.delete(oldest);
      if (open.size <= MAX_OPEN) break;
    }
  },
  onEnd: open.delete.bind(open) as unknown as NonNullable<SpanStep['onEnd']>,
};

/** Whether a span is open that began after a time in milliseconds since the epoch. */
export function isOneOpenSince(time: number): boolean {
  for (const { startTime } of open) if (startTime[0] * 1e3 + startTime[1] / 1e6 > time) return true;
  return false;
}

/** Records an uncaught error on the open spans of the error's trace. Never throws. */
export function recordUncaught(error: unknown): void {
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  for (const span of open) {
    if (span.spanContext().traceId === traceId) quietly(() => recordFailure(span, error));
  }
}

/**
 * Ends the open spans as Errors, children before their parents. A failed span keeps its error. A request whose body nobody
 * reads is not an error, and neither is a read of Redis that waits for something to come, as workers of queues have one all
 * the time. A later `end()` of the service is not a mistake, so it says nothing. Never throws.
 */
export function endOpenSpans(reason: keyof typeof REASONS = 'process_ended'): void {
  quietly(endUnreadNow);
  for (const span of [...open].reverse()) quietly(() => end(span, reason));
}

function end(span: Span, reason: keyof typeof REASONS): void {
  if (reason === 'process_ended') span.setAttribute(ATTR_PROCESS_ENDED, true);
  if (!hasFailed(span) && !waitsForMore(span)) setFailed(span, reason, REASONS[reason]);
  span.end();
  Object.assign(span, ENDED);
}

function waitsForMore({ name, attributes }: Span): boolean {
  const text = attributes['db.query.text'] ?? attributes['db.statement'];
  return BLOCKING.test(name) || (MAY_BLOCK.test(name) && / BLOCK /i.test(String(text)));
}
