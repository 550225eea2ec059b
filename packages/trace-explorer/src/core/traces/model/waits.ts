import { formatDuration } from '../../../lib/text/format-duration.ts';
import { counted, quoted } from '../../../lib/text/words.ts';
import type { LinkedSpan } from './outline.ts';
import type { TraceModel } from './trace-model.ts';

/** The time that a message waited until its work began, in nanoseconds from the trace's start. */
export interface Wait {
  readonly from: number;
  readonly until: number;
  /** Name of the queue; undefined where no span names it. */
  readonly queue: string | undefined;
}

type Spans = Pick<
  TraceModel,
  'count' | 'service' | 'kind' | 'parent' | 'offset' | 'length' | 'queue' | 'message'
>;

/**
 * How long the messages of CONSUMER spans waited, by index: from the end of the PRODUCER above. A further attempt of a message
 * waits from the end of the attempt before, which stands beside it, or two levels above it with the span between that put the
 * message back.
 */
export function waitsOf(model: Spans): ReadonlyMap<number, Wait> {
  const waits = new Map<number, Wait>();
  const attempts = new Map<string, number>();
  for (let index = 0; index < model.count; index++) {
    if (model.kind(index) !== 'consumer') continue;
    const above = model.parent[index] ?? -1;
    const key = `${above} ${model.message(index)} ${model.service(index)}`;
    const beside = model.message(index) > 0 ? (attempts.get(key) ?? -1) : -1;
    attempts.set(key, index);
    const sent = above >= 0 && model.kind(above) === 'producer' ? above : attemptAbove(model, index);
    const from = beside < 0 ? sent : beside;
    const queue = model.queue(index) ?? model.queue(from);
    const wait = from < 0 ? undefined : between(endOf(model, from), model.offset[index] ?? 0, queue);
    if (wait !== undefined) waits.set(index, wait);
  }
  return waits;
}

/** The earlier attempt of the same message, of which a CONSUMER span is a further one; -1 without one. */
function attemptAbove(model: Spans, index: number): number {
  const before = model.parent[model.parent[index] ?? -1] ?? -1;
  const isSame = before >= 0 && model.kind(before) === 'consumer' && model.message(index) > 0;
  return isSame && model.message(before) === model.message(index) ? before : -1;
}

/** How long the message between a span and a linked span of another trace waited. */
export function linkWait(model: Spans, { at, side, span }: LinkedSpan): Wait | undefined {
  if (span === undefined) return undefined;
  const [producer, consumer] = side === 'after' ? [model.kind(at), span.kind] : [span.kind, model.kind(at)];
  if (producer !== 'producer' && consumer !== 'consumer') return undefined;
  const queue = model.queue(at) ?? span.queue;
  const start = model.offset[at] ?? 0;
  if (side === 'after') return between(endOf(model, at), span.offset, queue);
  return between(span.offset + span.duration, start, queue);
}

function between(from: number, until: number, queue: string | undefined): Wait | undefined {
  return until > from ? { from, until, queue } : undefined;
}

function endOf({ offset, length }: Pick<Spans, 'offset' | 'length'>, index: number): number {
  return (offset[index] ?? 0) + (length[index] ?? 0);
}

/** Linked spans of one side in a few words: `→ 3 jobs in other traces`. */
export function linkedWords(spans: readonly LinkedSpan[]): string {
  const words = (['before', 'after'] as const).flatMap((side) => {
    const own = spans.filter((each) => each.side === side);
    const noun = own.every(({ span }) => span?.kind === 'consumer' || span?.queue !== undefined)
      ? 'job'
      : 'span';
    const where = own.length === 1 ? 'another trace' : 'other traces';
    const [sign, preposition] = side === 'after' ? ['→', 'in'] : ['←', 'from'];
    return own.length === 0 ? [] : [`${sign} ${counted(own.length, noun)} ${preposition} ${where}`];
  });
  return words.join(', ');
}

/** A wait in words: `waited 1.2 s in mail`. */
export function waitWords({ from, until, queue }: Wait, atMost = ''): string {
  const where = queue === undefined ? '' : ` in ${quoted(queue)}`;
  return `waited ${atMost}${formatDuration((until - from) / 1e6)}${where}`;
}
