import { parentSpanIdOf } from '../ids.ts';
import type { SpanContent, SpanEvent, SpanLink } from '../messages/trace.ts';
import { readAttributes } from './decode-attributes.ts';
import type { JsonFields } from './json-fields.ts';

/** ProtoJSON's names of SpanKind, which some clients send; OTLP's JSON has the integers. */
const SPAN_KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** Reads a Span message. @throws TypeError; RangeError for values nested too deep */
export function readSpan(fields: JsonFields): SpanContent {
  const status = fields.message('status');
  return {
    traceId: fields.hex('traceId'),
    spanId: fields.hex('spanId'),
    parentSpanId: parentSpanIdOf(fields.hex('parentSpanId')),
    traceState: fields.text('traceState'),
    flags: fields.uint32('flags'),
    name: fields.text('name'),
    kind: fields.enumeration('kind', SPAN_KINDS),
    startTimeUnixNano: fields.uint64('startTimeUnixNano'),
    endTimeUnixNano: fields.uint64('endTimeUnixNano'),
    attributes: readAttributes(fields, 'attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
    events: fields.messages('events').map(readEvent),
    droppedEventsCount: fields.uint32('droppedEventsCount'),
    links: fields.messages('links').map(readLink),
    droppedLinksCount: fields.uint32('droppedLinksCount'),
    statusCode: status.enumeration('code', STATUS_CODES),
    statusMessage: status.text('message'),
  };
}

function readEvent(fields: JsonFields): SpanEvent {
  return {
    timeUnixNano: fields.uint64('timeUnixNano'),
    name: fields.text('name'),
    attributes: readAttributes(fields, 'attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  };
}

function readLink(fields: JsonFields): SpanLink {
  return {
    traceId: fields.hex('traceId'),
    spanId: fields.hex('spanId'),
    traceState: fields.text('traceState'),
    attributes: readAttributes(fields, 'attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
    flags: fields.uint32('flags'),
  };
}
