import type { Span } from '@tandem/otlp';
import { encodeSpan } from '@tandem/otlp';
import { BARE_SPAN } from '../../packages/otlp/testing/bare-span.ts';

/** The fields of a span that a benchmark sets. */
type Given = Pick<
  Span,
  | 'traceId'
  | 'spanId'
  | 'parentSpanId'
  | 'flags'
  | 'name'
  | 'kind'
  | 'startTimeUnixNano'
  | 'endTimeUnixNano'
  | 'attributes'
> &
  Partial<Pick<Span, 'statusCode'>>;

/** A span as a sender encodes it, without events, links, a status message, or anything that was dropped. */
export function encodedSpan(given: Given): Span {
  const span = { ...BARE_SPAN, ...given };
  return { ...span, raw: encodeSpan(span) };
}
