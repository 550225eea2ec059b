import type { Attributes } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import { hrTimeDuration, hrTimeToMicroseconds } from '@opentelemetry/core';
import { ATTR_OWN_TIME, ATTR_STALL_DURATION } from '../../attributes.ts';
import { stringifyJson } from '../../common/primordials.ts';
import type { ReadableSpan, Span } from '../../road/spans/engine.ts';
import type { SpanStep } from '../../road/spans/span-steps.ts';
import type { Interval, WhatRan } from './samples.ts';
import { nowUs, sampleProcess, WAITED } from './samples.ts';

/** Shorter own time needs no explanation. */
const LEAST_US = 200_000;
const MOST_FUNCTIONS = 5;
/** When samples cover a smaller share of the own time, the span gets no explanation. */
const LEAST_SAMPLED = 0.5;
/** With more open spans, somebody never ends spans. All open spans are forgotten then. */
const MOST_OPEN = 10_000;

/** The work of the process in the own time of a span: the time without a running child. Shares of this time, from 0 to 1. */
interface OwnTime {
  /** The event loop waited: for a timer, the network, a disk, or another thread. */
  readonly waited: number;
  /** Functions of the process, of any caller, the longest first. */
  readonly ran: readonly { readonly function: string; readonly share: number }[];
  /** The number of other requests that were open meanwhile. The functions may have run for another request. */
  readonly beside: number;
}

interface Open {
  readonly from: number;
  readonly children: Interval[];
  /** The first span of the work in this process, usually the SERVER span; undefined for the first span itself. */
  readonly request: Open | undefined;
  /** For a first span: the number of other requests that were open meanwhile. */
  beside: number;
}

/**
 * Samples the process, and writes the functions that ran to SERVER and INTERNAL spans with an own time of at least 200 ms.
 *
 * @returns undefined in a Node without an inspector
 */
export function profileOwnTime(): SpanStep | undefined {
  const whatRan = sampleProcess();
  return whatRan && stepOf(whatRan);
}

function stepOf(whatRan: WhatRan): SpanStep {
  const open = new Map<string, Open>();
  return { onStart, onEnd };

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
    for (const { name, time, attributes } of span.events) {
      if (name === 'stall' && attributes !== undefined)
        placeStall(attributes, whole[1] - hrTimeToMicroseconds(hrTimeDuration(time, span.endTime)));
    }
    if (span.kind !== SpanKind.SERVER && span.kind !== SpanKind.INTERNAL) return;
    const gaps = gapsOf(whole, own.children);
    const us = gaps.reduce((sum, [from, to]) => sum + to - from, 0);
    if (us >= LEAST_US) explain(span, gaps, us, (own.request ?? own).beside);
  }

  /** Names the function that ran longest in a stall, as the semantic conventions for code say. */
  function placeStall(attributes: Attributes, from: number): void {
    const ran = whatRan([[from, from + Number(attributes[ATTR_STALL_DURATION]) * 1e3]]);
    ran.delete(WAITED);
    const [longest] = [...ran].toSorted(([, a], [, b]) => b - a);
    const [what = ''] = longest ?? [];
    const at = what.lastIndexOf(' ('); // `hashPassword (src/auth.js:31)`; V8's and Node's own functions have no place
    const [, file, line, column] =
      /^([^:]+):(\d+)(?::(\d+))?/.exec(at === -1 ? '' : what.slice(at + 2)) ?? [];
    if (line === undefined) return;
    attributes['code.function.name'] = what.slice(0, at);
    attributes['code.file.path'] = file;
    attributes['code.line.number'] = Number(line);
    if (column !== undefined) attributes['code.column.number'] = Number(column);
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
    span.attributes[ATTR_OWN_TIME] = stringifyJson(told);
  }
}

/** The parts of an interval that no other interval covers. */
function gapsOf([from, to]: Interval, others: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let at = from;
  for (const [start, end] of others.toSorted(([a], [b]) => a - b)) {
    if (start > at) gaps.push([at, start]);
    at = Math.max(at, end);
  }
  return at < to ? [...gaps, [at, to]] : gaps;
}
