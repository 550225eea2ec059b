import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { decodeTraces, encodeSpan, encodeTraces, tracesToJson } from '@tandem/otlp';
import { TraceRequest } from '@tandem/otlp/testing';
import protojson from 'protobufjs/ext/protojson.js';
import { encode } from '../../packages/telemetry/src/road/spans/serializer.ts';

/** The sides that are compared, in the order of the table's columns. */
export const SIDES = ['ours', 'protobufjs', 'official serializer'] as const;
export type Side = (typeof SIDES)[number];

/** One thing to do with a batch, by each side that can do it. */
export interface Work {
  readonly name: string;
  readonly by: Readonly<Partial<Record<Side, () => unknown>>>;
}

protojson.install();

/**
 * The works that are measured with one batch. Every side reads what it writes itself in JSON: OTLP has ids in hex, where
 * protobufjs has ProtoJSON's base64.
 * @throws Error when a side does not read all spans back
 */
export function worksOf(spans: ReadableSpan[]): Work[] {
  const build = () => encode(spans);
  const bytes = build();

  const ours = decodeTraces(bytes, 'protobuf');
  const ourJson = Buffer.from(JSON.stringify(tracesToJson(ours.scopeSpans)));
  const encodeOurs = () =>
    encodeTraces({
      scopeSpans: ours.scopeSpans.map((group) => ({
        ...group,
        spans: group.spans.map((span) => ({ ...span, raw: encodeSpan(span) })),
      })),
    });

  const theirs = TraceRequest.decode(bytes);
  const theirJson = TraceRequest.toJsonString(theirs);

  checkBodies({
    'spans of the SDK, ours': bytes,
    'spans of the SDK, official': ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array(),
    'messages, ours': encodeOurs(),
    'messages, protobufjs': TraceRequest.encode(theirs).finish(),
    'JSON, ours': encodeTraces(decodeTraces(ourJson, 'json')),
    'JSON, protobufjs': TraceRequest.encode(TraceRequest.fromJsonString(theirJson)).finish(),
  });

  return [
    {
      name: 'spans of the SDK → protobuf',
      by: { ours: build, 'official serializer': () => ProtobufTraceSerializer.serializeRequest(spans) },
    },
    {
      name: 'messages → protobuf',
      by: {
        ours: encodeOurs,
        protobufjs: () => TraceRequest.encode(theirs).finish(),
      },
    },
    {
      name: 'protobuf → messages',
      by: {
        ours: () => decodeTraces(bytes, 'protobuf'),
        protobufjs: () => TraceRequest.decode(bytes),
      },
    },
    {
      name: 'messages (official: spans of the SDK) → JSON',
      by: {
        ours: () => JSON.stringify(tracesToJson(ours.scopeSpans)),
        protobufjs: () => TraceRequest.toJsonString(theirs),
        'official serializer': () => JsonTraceSerializer.serializeRequest(spans),
      },
    },
    {
      name: 'JSON → messages',
      by: {
        ours: () => decodeTraces(ourJson, 'json'),
        protobufjs: () => TraceRequest.fromJsonString(theirJson),
      },
    },
  ];
}

/** Checks that each side has written or read the whole batch. */
function checkBodies(bodies: Readonly<Record<string, Uint8Array>>): void {
  const contents = Object.entries(bodies).map(([name, body]) => {
    const { scopeSpans } = decodeTraces(body, 'protobuf');
    return { name, content: JSON.stringify(tracesToJson(scopeSpans)) };
  });
  for (const { name, content } of contents)
    if (content !== contents[0]?.content) throw new Error(`${name}: not all that is in the batch.`);
}
