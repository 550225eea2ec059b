import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Interval, WhatRan } from './samples.ts';
import { nowUs, sampleProcess, WAITED } from './samples.ts';

/** The attribute: an {@link OwnTime} as JSON. */
const OWN_TIME = 'tandem.own_time';
/** Less own time needs no explanation. */
const LEAST_US = 200_000;
const MOST_FUNCTIONS = 5;
/** Of less of the own time samples say nothing. */
const LEAST_SAMPLED = 0.5;
/** More spans are open only where nobody ends them. */
const MOST_OPEN = 10_000;

/** What the process did in the time in which a span ran and none below it did. Shares are of that time, from 0 to 1. */
interface OwnTime {
  /** Of the event loop, which waited: for a timer, the network, a disk, or another thread. */
  readonly waited: number;
  /** Functions of the process, whoever called them, the longest first. */
  readonly ran: readonly { readonly function: string; readonly share: number }[];
  /** Other requests of the process that were open meanwhile. With any, what ran may be theirs. */
  readonly beside: number;
}

interface Open {
  readonly from: number;
  readonly children: Interval[];
  /** The span by which the process began the work, the SERVER span of a request; undefined for that span itself. */
  readonly request: Open | undefined;
  /** Of a request: other requests that were open at some time while it was. */
  beside: number;
}

/**
 * Where `run --profile` asks for it, samples the process, and tells SERVER and INTERNAL spans that took at least 200 ms by
 * themselves what ran in that time.
 * @returns no processor where nobody asks for it, and in a Node without an inspector
 */
export function profileOwnTime(): SpanProcessor[] {
  const whatRan = process.env.TANDEM_RUN_PROFILE === 'true' ? sampleProcess() : undefined;
  return whatRan === undefined ? [] : [processorOf(whatRan)];
}

function processorOf(whatRan: WhatRan): SpanProcessor {
  const open = new Map<string, Open>();
  return { onStart, onEnd, async forceFlush() {}, async shutdown() {} };

  function onStart(span: Span): void {
    const parent = open.get(span.parentSpanContext?.spanId ?? '');
    const request = parent && (parent.request ?? parent);
    const requests = [...open.values()].filter((each) => each.request === undefined);
    if (request === undefined) for (const other of requests) other.beside++;
    if (open.size === MOST_OPEN) open.clear();
    open.set(span.spanContext().spanId, { from: nowUs(), children: [], request, beside: requests.length });
  }

  function onEnd(span: ReadableSpan): void {
    const { spanId } = span.spanContext();
    const own = open.get(spanId);
    if (own === undefined) return;
    open.delete(spanId);
    const whole: Interval = [own.from, nowUs()];
    open.get(span.parentSpanContext?.spanId ?? '')?.children.push(whole);
    if (span.kind !== SpanKind.SERVER && span.kind !== SpanKind.INTERNAL) return;
    const gaps = gapsOf(whole, own.children);
    const us = gaps.reduce((sum, [from, to]) => sum + to - from, 0);
    if (us >= LEAST_US) explain(span, gaps, us, (own.request ?? own).beside);
  }

  function explain(span: ReadableSpan, gaps: readonly Interval[], us: number, beside: number): void {
    const ran = whatRan(gaps);
    const sampled = [...ran.values()].reduce((sum, time) => sum + time, 0);
    if (sampled < us * LEAST_SAMPLED) return;
    const shareOf = (time: number) => Math.round((100 * time) / sampled) / 100;
    const functions = [...ran]
      .filter(([name]) => name !== WAITED)
      .map(([name, time]) => ({ function: name, share: shareOf(time) }))
      .toSorted((a, b) => b.share - a.share);
    const told: OwnTime = {
      waited: shareOf(ran.get(WAITED) ?? 0),
      ran: functions.slice(0, MOST_FUNCTIONS),
      beside,
    };
    span.attributes[OWN_TIME] = JSON.stringify(told);
  }
}

/** The parts of an interval in which none of the others is. */
function gapsOf([from, to]: Interval, others: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let at = from;
  for (const [start, end] of others.toSorted(([a], [b]) => a - b)) {
    if (start > at) gaps.push([at, start]);
    at = Math.max(at, end);
  }
  return at < to ? [...gaps, [at, to]] : gaps;
}
