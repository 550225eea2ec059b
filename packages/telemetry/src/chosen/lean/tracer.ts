import { randomFillSync } from 'node:crypto';
import type { Attributes, Context, Link, Span, SpanContext, SpanOptions, Tracer } from '@opentelemetry/api';
import {
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  SpanKind,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { Sampler } from '@opentelemetry/sdk-trace-base';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { RANDOM_TRACE_STATE } from '../../road/http/tracestate.ts';
import { ANCHOR, traceClock } from '../../road/spans/clock.ts';
import type { SpanOrigin } from './span.ts';
import { LeanSpan } from './span.ts';

const NO_ATTRIBUTES: Attributes = Object.freeze({});
const NO_LINKS: Link[] = [];
Object.freeze(NO_LINKS);

/** Starts the spans of one instrumentation scope, below the span in the context (Trace SDK specification). */
export class LeanTracer implements Tracer {
  readonly origin: SpanOrigin;
  readonly #sampler: Sampler;

  constructor(origin: SpanOrigin, sampler: Sampler) {
    this.origin = origin;
    this.#sampler = sampler;
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    const under = options.root === true ? trace.deleteSpan(parentContext) : parentContext;
    if (isTracingSuppressed(under)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const { kind = SpanKind.INTERNAL, attributes = NO_ATTRIBUTES, links = NO_LINKS } = options;
    const parentSpan = trace.getSpan(under);
    const isLocal = parentSpan instanceof LeanSpan;
    const named = parentSpan?.spanContext();
    // A span with an invalid parent begins a trace.
    const parent = isLocal || (named !== undefined && isSpanContextValid(named)) ? named : undefined;

    const traceId = parent?.traceId ?? randomId(ofTrace);
    const sampling = this.#sampler.shouldSample(under, traceId, name, kind, attributes, links);
    const isSampled = sampling.decision === SamplingDecision.RECORD_AND_SAMPLED;
    const spanContext = {
      traceId,
      spanId: randomId(ofSpan),
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      // Ids of this tracer are random, and level 2 of W3C Trace Context has a flag for random ids.
      traceState: sampling.traceState ?? (parent === undefined ? RANDOM_TRACE_STATE : parent.traceState),
    } as SpanContext;
    if (sampling.decision === SamplingDecision.NOT_RECORD) return trace.wrapSpanContext(spanContext);

    const anchor = isLocal ? parentSpan[ANCHOR] : traceClock.anchor();
    const span = new LeanSpan(this.origin, name, options, spanContext, parent, anchor);
    if (sampling.attributes !== undefined) span.setAttributes(sampling.attributes);
    for (const processor of this.origin.processors) processor.onStart(span, under);
    return span;
  }

  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const fn = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parentContext = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parentContext);
    const run = () => fn(span) as ReturnType<F>;
    return context.with(trace.setSpan(parentContext, span), run);
  }
}

/** Random bytes for a few hundred ids: one call costs less than hundreds of calls. */
const random = new Uint8Array(4096);
let used = random.length;

/** The character codes of hexadecimal digits. */
const DIGITS = Buffer.from('0123456789abcdef');

/** The digits of the last id of each length. A new list for each id would be a fifteenth of a request's garbage. */
const ofTrace = new Array<number>(32).fill(0);
const ofSpan = new Array<number>(16).fill(0);

/**
 * A new id in lowercase hexadecimal. All bits are random, as the random flag of W3C Trace Context level 2 says.
 * @param digits get the digits of the id
 */
function randomId(digits: number[]): string {
  if (used + digits.length / 2 > random.length) {
    randomFillSync(random);
    used = 0;
  }
  for (let at = 0; at < digits.length; at += 2) {
    const byte = random[used++] as number;
    digits[at] = DIGITS[byte >> 4] as number;
    digits[at + 1] = DIGITS[byte & 0xf] as number;
  }
  return String.fromCharCode(...digits); // one text; a Buffer makes texts with memory of its own, which costs more
}
