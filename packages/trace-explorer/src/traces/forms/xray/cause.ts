import { createHash } from 'node:crypto';
import type { Span, SpanEvent } from '@tandem/otlp';
import type { PlainValue } from '../plain-value.ts';
import { AttributeReader } from './attribute-reader.ts';

const STATUS_ERROR = 2;
const CLIENT = 3;
const PRODUCER = 4;
/** More frames than this help nobody; X-Ray has a field for how many are left out. */
const MAX_FRAMES = 50;
/** The patterns below may look at a line of n characters n² times; real frames are shorter and fewer than this. */
const MAX_LINE = 512;
const MAX_LINES = 200;

/** X-Ray's three flags: `error` for 4xx, `throttle` for 429, `fault` for 5xx and whatever else failed. */
export function failureOf(span: Span, httpStatus: number | undefined): { [flag: string]: true } {
  if (httpStatus === 429) return { error: true, throttle: true };
  if (httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500) return { error: true };
  if (httpStatus !== undefined && httpStatus >= 500 && httpStatus < 600) return { fault: true };
  return span.statusCode === STATUS_ERROR ? { fault: true } : {};
}

/** The `cause` block: the span's recorded exceptions, or else the message of its error status. */
export function causeOf(span: Span): PlainValue | undefined {
  const exceptions = span.events
    .filter((event) => event.name === 'exception')
    .map((event, index) => exceptionOf(event, index, span));
  if (exceptions.length > 0) return { exceptions };
  if (span.statusCode !== STATUS_ERROR || span.statusMessage === '') return undefined;
  return { exceptions: [{ id: exceptionId(span, 0), message: span.statusMessage }] };
}

function exceptionOf(event: SpanEvent, index: number, span: Span): PlainValue {
  const attributes = new AttributeReader(event.attributes);
  const message = attributes.takeString('exception.message');
  const type = attributes.takeString('exception.type');
  const frames = framesOf(attributes.takeString('exception.stacktrace') ?? '');
  return {
    id: exceptionId(span, index),
    ...(message !== undefined && { message }),
    ...(type !== undefined && { type }),
    remote: span.kind === CLIENT || span.kind === PRODUCER,
    ...(frames.length > 0 && { stack: frames.slice(0, MAX_FRAMES) }),
    ...(frames.length > MAX_FRAMES && { truncated: frames.length - MAX_FRAMES }),
  };
}

/** 16 hex digits, the same each time the document is made. */
function exceptionId(span: Span, index: number): string {
  return createHash('sha256').update(`${span.traceId}${span.spanId}${index}`).digest('hex').slice(0, 16);
}

const v8OrJava = /^\s+at (?:(?<label>[^(]*?) ?\()?(?<path>[^()]*?)(?::(?<line>\d+))?(?::\d+)?\)?$/;
const python = /^\s+File "(?<path>[^"]*)", line (?<line>\d+)(?:, in (?<label>.*))?$/;

/** Stack frames of JavaScript, Java and Python; lines of any other form are not frames. */
function framesOf(stacktrace: string): { path: string; line: number; label: string }[] {
  const frames: { path: string; line: number; label: string }[] = [];
  for (const text of stacktrace.split('\n', MAX_LINES)) {
    if (text.length > MAX_LINE) continue;
    const groups = (v8OrJava.exec(text) ?? python.exec(text))?.groups;
    if (groups)
      frames.push({ path: groups.path ?? '', line: Number(groups.line ?? 0), label: groups.label ?? '' });
  }
  return frames;
}
