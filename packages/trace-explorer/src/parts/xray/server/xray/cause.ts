import { createHash } from 'node:crypto';
import type { Span, SpanEvent } from '@tandem/otlp';
import type { PlainValue } from '../../../../core/traces/forms/plain-value.ts';
import { AttributeReader } from './attribute-reader.ts';
import { readStackTrace } from './stack-trace.ts';

const STATUS_ERROR = 2;
const CLIENT = 3;
const PRODUCER = 4;
/** Further frames do not help. X-Ray has a field for the number of omitted frames. */
const MAX_FRAMES = 50;
/** Exceptions of one span, including their causes. */
const MAX_EXCEPTIONS = 50;

/** X-Ray's three flags: `error` for 4xx, `throttle` for 429, `fault` for 5xx and all other failures. */
export function failureOf(span: Span, httpStatus: number | undefined): { [flag: string]: true } {
  if (httpStatus === 429) return { error: true, throttle: true };
  if (httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500) return { error: true };
  if (httpStatus !== undefined && httpStatus >= 500 && httpStatus < 600) return { fault: true };
  return span.statusCode === STATUS_ERROR ? { fault: true } : {};
}

/**
 * The `cause` block: the span's recorded exceptions, each followed by the cause to which its `cause` refers. Without
 * exceptions, the message of the error status.
 */
export function causeOf(span: Span): PlainValue | undefined {
  const recorded = span.events.filter((event) => event.name === 'exception').flatMap(exceptionsOf);
  const ids = recorded.map((_, index) => exceptionId(span, index));
  const exceptions = recorded.slice(0, MAX_EXCEPTIONS).map(({ isCaused, frames, ...named }, index) => ({
    id: ids[index] ?? '',
    ...named,
    remote: span.kind === CLIENT || span.kind === PRODUCER,
    ...(isCaused && index + 1 < MAX_EXCEPTIONS && { cause: ids[index + 1] ?? '' }),
    ...(frames.length > 0 && { stack: frames.slice(0, MAX_FRAMES).map((frame) => ({ ...frame })) }),
    ...(frames.length > MAX_FRAMES && { truncated: frames.length - MAX_FRAMES }),
  }));
  if (exceptions.length > 0) return { exceptions };
  if (span.statusCode !== STATUS_ERROR || span.statusMessage === '') return undefined;
  return { exceptions: [{ id: exceptionId(span, 0), message: span.statusMessage }] };
}

/** The exception of an event, then its causes from the stack trace. */
function exceptionsOf(event: SpanEvent) {
  const attributes = new AttributeReader(event.attributes);
  const message = attributes.takeString('exception.message');
  const type = attributes.takeString('exception.type');
  const traced = readStackTrace(attributes.takeString('exception.stacktrace') ?? '');
  return traced.map((exception, index) => ({
    ...(index > 0 ? exception : { frames: exception.frames }),
    ...(index === 0 && message !== undefined && { message }),
    ...(index === 0 && type !== undefined && { type }),
    isCaused: index + 1 < traced.length,
  }));
}

/** 16 hex digits, equal each time the document is made. */
function exceptionId(span: Span, index: number): string {
  return createHash('sha256').update(`${span.traceId}${span.spanId}${index}`).digest('hex').slice(0, 16);
}
