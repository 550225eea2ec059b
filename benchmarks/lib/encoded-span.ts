import type { Span } from '@tandem/otlp';
import { encodeSpan } from '@tandem/otlp';

/** What a benchmark says of its spans. */
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
  const span = {
    traceState: '',
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
    ...given,
  };
  return { ...span, raw: encodeSpan(span) };
}
