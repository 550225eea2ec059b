/** Protobuf's wire types (https://protobuf.dev/programming-guides/encoding/). OTLP has no groups; they are skipped. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

// A field table reads as its message in the .proto file does: `traceId: bytes(1)` is `bytes trace_id = 1;`. A field is
// represented by its tag, the number before the value on the wire: field number × 8 + wire type.

export const uint32 = varint;
export const int32 = varint;
export const int64 = varint;
export const bool = varint;
/** A field whose type is an enum. */
export const enumeration = varint;
export const fixed32 = fourBytes;
export const fixed64 = eightBytes;
export const double = eightBytes;
export const string = lengthDelimited;
export const bytes = lengthDelimited;
/** A field whose type is another message. A `repeated` field is on the wire several times. */
export const message = lengthDelimited;

function varint(number: number): number {
  return number * 8 + WireType.varint;
}

function eightBytes(number: number): number {
  return number * 8 + WireType.fixed64;
}

function fourBytes(number: number): number {
  return number * 8 + WireType.fixed32;
}

function lengthDelimited(number: number): number {
  return number * 8 + WireType.bytes;
}
