import type { Resource, Span } from '@tandem/otlp';
import type { SpanStore } from '../../../../core/store/store.ts';
import type { PlainValue } from '../../../../core/traces/forms/plain-value.ts';
import { plainObject } from '../../../../core/traces/forms/plain-value.ts';
import { readLogExceptions } from '../../../../core/traces/read/log-exceptions.ts';
import type { StoredSpan } from '../../../../core/traces/read/stored-span.ts';
import { annotate } from './annotations.ts';
import { AttributeReader } from './attribute-reader.ts';
import { awsCall, awsServiceOf, isAwsCall } from './aws.ts';
import { causeOf, failureOf } from './cause.ts';
import { httpBlock } from './http.ts';
import type { Draft } from './present.ts';
import { present } from './present.ts';
import { sqlBlock } from './sql.ts';

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
/** Most bytes of a segment document, 64 kB. Metadata is left out when the document is too large. */
const MAX_DOCUMENT_BYTES = 65_536;

/**
 * A span as an AWS X-Ray segment document ("AWS X-Ray segment documents" in the X-Ray developer guide). A span that serves a
 * request, takes a message or is a root becomes a segment, with the attributes of its resource. Any other span becomes a
 * subsegment that is sent alone. The Collector's exporter (0.161) decides in the same way, but it names the segment of a
 * consumer by its span. Here all segments of a service have the service's name, as AWS documents it.
 */
export function xraySegment(span: Span, resource: Resource): Record<string, PlainValue> {
  const own = new AttributeReader(span.attributes);
  const shared = new AttributeReader(resource.attributes);
  const isSegment = span.kind === SERVER || span.kind === CONSUMER || span.parentSpanId === '';
  const unfinished = own.take('aws.xray.inprogress') === true || span.endTimeUnixNano === 0n;
  const name = segmentName(span, own, shared, isSegment);
  const aws = awsCall(own);
  const http = httpBlock(own, isSegment);
  const sql = sqlBlock(own);
  const version = shared.peek('service.version');
  const document: Draft = {
    name,
    id: span.spanId,
    trace_id: xrayTraceId(span.traceId),
    parent_id: span.parentSpanId || undefined,
    type: isSegment ? undefined : 'subsegment',
    namespace: isSegment ? undefined : namespaceOf(span, own),
    start_time: seconds(span.startTimeUnixNano),
    end_time: unfinished ? undefined : seconds(span.endTimeUnixNano),
    in_progress: unfinished ? true : undefined,
    ...failureOf(span, http?.response?.status),
    cause: causeOf(span),
    http,
    sql,
    aws,
    user: isSegment ? own.takeString('user.id', 'enduser.id') : undefined,
    service: isSegment && typeof version === 'string' ? { version } : undefined,
    links: linksOf(span),
  };
  const { annotations, rest } = annotate(own, isSegment ? shared : undefined);
  const complete = present({ ...document, annotations }) ?? {};
  const whole = { ...complete, metadata: { default: rest } };
  if (Buffer.byteLength(JSON.stringify(whole)) <= MAX_DOCUMENT_BYTES) return whole;
  return { ...complete, metadata: { default: { 'tandem.metadata_left_out': 'over 64 kB' } } };
}

/** `1-` + 8 digits + `-` + 24 digits. In X-Ray's own ids, the 8 digits are the time. */
function xrayTraceId(traceId: string): string {
  return `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
}

function segmentName(span: Span, own: AttributeReader, shared: AttributeReader, isSegment: boolean): string {
  const service = isSegment ? shared.sent('service.name') : undefined;
  return validName(String(service ?? remoteName(span, own) ?? span.name));
}

/** The name of a downstream call: X-Ray names it after the called service. */
function remoteName(span: Span, own: AttributeReader): string | undefined {
  if (span.kind !== CLIENT && span.kind !== PRODUCER) return undefined;
  const text = (...keys: readonly string[]) => own.sentText(...keys);
  const peer = text('service.peer.name', 'peer.service');
  if (peer !== undefined) return peer;
  const service = isAwsCall(own) ? awsServiceOf(own) : text('aws.service');
  if (service !== undefined) return service;
  const address = text('server.address', 'net.peer.name');
  const database = text('db.namespace', 'db.name');
  if (database !== undefined) return address === undefined ? database : `${database}@${address}`;
  return text('rpc.service') ?? address;
}

function validName(name: string): string {
  return name.replace(/[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu, '').slice(0, 200) || 'span';
}

function namespaceOf(span: Span, own: AttributeReader): string | undefined {
  if (isAwsCall(own)) return 'aws';
  return span.kind === CLIENT || span.kind === PRODUCER ? 'remote' : undefined;
}

function linksOf(span: Span): PlainValue | undefined {
  if (span.links.length === 0) return undefined;
  return span.links.map((link) => ({
    trace_id: xrayTraceId(link.traceId),
    id: link.spanId,
    attributes: plainObject(link.attributes),
  }));
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000_000n) + Number(nanoseconds % 1_000_000_000n) / 1e9;
}

/** A stored span as a segment document. Log records tell of the exceptions that a span has no events of. */
export async function xrayForm({ span, resource }: StoredSpan, store: SpanStore) {
  if (span.events.some(({ name }) => name === 'exception')) return xraySegment(span, resource);
  const logged = await readLogExceptions(store, span, { short: true });
  return xraySegment({ ...span, events: [...span.events, ...logged] }, resource);
}
