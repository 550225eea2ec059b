import type {
  Attributes,
  AttributeValue,
  Exception,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanOptions,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';
import { diag, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { hrTimeDuration, isTimeInput } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanLimits, SpanProcessor, TimedEvent } from '@opentelemetry/sdk-trace-base';
import { ANCHOR, toHrTime } from '../../road/spans/clock.ts';
import { attributeValueOf, countPlain, exceptionAttributes, limitAttributes } from './attributes.ts';

/** The common parts of the spans of one tracer. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly limits: Required<SpanLimits>;
  readonly processors: readonly SpanProcessor[];
}

const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });
const NOT_ENDED: HrTime = [0, 0];
const NO_DURATION: HrTime = [-1, -1]; // an open span has this duration in the SDK

/**
 * A recorded span: OpenTelemetry's Span API for callers, and the SDK's ReadableSpan for processors and exporters
 * (OpenTelemetry specification, Trace SDK). Illegal values are left out with a diagnostic; nothing throws.
 *
 * Private members are not `#names`, because processors wrap spans with `Object.create(span)`.
 *
 * Behaves as the official SDK's span, the oracle in tests, except that times come from one clock per process. Leaves less
 * work for the garbage collector.
 */
export class LeanSpan implements Span, ReadableSpan {
  name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  endTime: HrTime = NOT_ENDED;
  status: SpanStatus = UNSET;
  /** Span processors may change the attributes before the export. */
  readonly attributes: Attributes;
  readonly events: TimedEvent[] = [];
  readonly links: Link[] = [];
  /** The clock's anchor, which all spans of this process in one trace share. */
  readonly [ANCHOR]: number;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  ended = false;
  private readonly origin: SpanOrigin;
  private readonly context: SpanContext;
  /** Number of set attributes, with repetitions. */
  private sets = 0;

  constructor(
    origin: SpanOrigin,
    name: string,
    options: SpanOptions,
    spanContext: SpanContext,
    parent: SpanContext | undefined,
    anchor: number,
  ) {
    const { kind = SpanKind.INTERNAL, attributes = {}, links } = options;
    const { attributeCountLimit, attributeValueLengthLimit } = origin.limits;
    this.origin = origin;
    this.context = spanContext;
    this.name = name;
    this.kind = kind;
    if (parent !== undefined) this.parentSpanContext = parent;
    this[ANCHOR] = anchor;
    this.startTime = toHrTime(anchor, options.startTime);
    const count = countPlain(attributes, attributeValueLengthLimit);
    const isPlain = count !== undefined && count <= attributeCountLimit;
    this.attributes = isPlain ? { ...attributes } : {};
    if (isPlain) this.sets = count;
    else this.setAttributes(attributes);
    if (links !== undefined) this.addLinks(links);
  }

  get resource(): Resource {
    return this.origin.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.origin.scope;
  }

  get duration(): HrTime {
    return this.ended ? hrTimeDuration(this.startTime, this.endTime) : NO_DURATION;
  }

  spanContext(): SpanContext {
    return this.context;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.isClosed()) return this;
    const stored = attributeValueOf(key, value, this.origin.limits.attributeValueLengthLimit);
    if (stored !== undefined) this.set(key, stored);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) {
      if (Object.hasOwn(attributes, key)) this.setAttribute(key, attributes[key] as AttributeValue);
    }
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.isClosed()) return this;
    const { eventCountLimit, attributePerEventCountLimit, attributeValueLengthLimit } = this.origin.limits;
    if (this.events.length >= eventCountLimit) {
      this.droppedEventsCount++;
      if (eventCountLimit === 0) return this;
      this.events.shift();
    }
    const isTime = isTimeInput(attributesOrTime);
    const given = isTime ? undefined : attributesOrTime;
    const { attributes, dropped } = limitAttributes(
      given,
      attributePerEventCountLimit,
      attributeValueLengthLimit,
    );
    this.events.push({
      name,
      attributes,
      time: toHrTime(this[ANCHOR], isTime && !isTimeInput(time) ? attributesOrTime : time),
      droppedAttributesCount: dropped,
    });
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = exceptionAttributes(exception);
    if (Object.keys(attributes).length > 0) this.addEvent('exception', attributes, time);
    else diag.warn(`Failed to record an exception ${exception}`);
  }

  addLink(link: Link): this {
    if (this.isClosed()) return this;
    const { linkCountLimit, attributePerLinkCountLimit, attributeValueLengthLimit } = this.origin.limits;
    if (this.links.length >= linkCountLimit) {
      this.droppedLinksCount++;
      if (linkCountLimit === 0) return this;
      this.links.shift();
    }
    const { attributes, dropped } = limitAttributes(
      link.attributes,
      attributePerLinkCountLimit,
      attributeValueLengthLimit,
    );
    const added: Link = { context: link.context };
    if (Object.keys(attributes).length > 0) added.attributes = attributes;
    if (dropped > 0) added.droppedAttributesCount = dropped;
    this.links.push(added);
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** `OK` is final, and `UNSET` changes nothing, as the specification says. */
  setStatus(status: SpanStatus): this {
    if (this.isClosed()) return this;
    if (status.code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    const { code, message } = status;
    if (code === SpanStatusCode.ERROR && typeof message === 'string') this.status = { code, message };
    else this.status = { code };
    if (code === SpanStatusCode.ERROR && message != null && typeof message !== 'string') {
      diag.warn(`Dropping invalid status.message of type '${typeof message}', expected 'string'`);
    }
    return this;
  }

  updateName(name: string): this {
    if (!this.isClosed()) this.name = name;
    return this;
  }

  end(time?: TimeInput): void {
    if (this.ended) {
      const { traceId, spanId } = this.context;
      diag.error(`${this.name} ${traceId}-${spanId} - You can only call end() on a span once.`);
      return;
    }
    this.endTime = toHrTime(this[ANCHOR], time);
    if (isBefore(this.endTime, this.startTime)) {
      diag.warn(`${this.name} would end before it starts: it gets the duration 0.`);
      this.endTime = [this.startTime[0], this.startTime[1]];
    }
    const { processors } = this.origin;
    for (const processor of processors) processor.onEnding?.(this);
    this.ended = true;
    for (const processor of processors) processor.onEnd(this);
  }

  private set(key: string, stored: AttributeValue): void {
    const { attributes } = this;
    const { attributeCountLimit } = this.origin.limits;
    // With fewer calls than the limit, the attributes are within the limit.
    const hasRoom = this.sets++ < attributeCountLimit || Object.keys(attributes).length < attributeCountLimit;
    if (hasRoom || Object.hasOwn(attributes, key)) attributes[key] = stored;
    else this.droppedAttributesCount++;
  }

  /** Whether the span has ended. A later call is a mistake of the caller, and logs a diagnostic. */
  private isClosed(): boolean {
    if (!this.ended) return false;
    const { traceId, spanId } = this.context;
    const message = `operation on a span that has ended: ${this.name} {traceId: ${traceId}, spanId: ${spanId}}`;
    diag.warn(`Cannot execute the ${message}`, new Error(message));
    return true;
  }
}

function isBefore(time: HrTime, than: HrTime): boolean {
  return time[0] < than[0] || (time[0] === than[0] && time[1] < than[1]);
}
