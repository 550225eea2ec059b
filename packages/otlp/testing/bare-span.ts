import type { SpanContent } from '../src/messages/trace.ts';

/** The parts of a Span message that many spans do not have, at protobuf's defaults; a test's or benchmark's span adds its own. */
export const BARE_SPAN = Object.freeze({
  traceState: '',
  attributes: [],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  statusCode: 0,
  statusMessage: '',
}) satisfies Partial<SpanContent>;
