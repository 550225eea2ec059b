/** What a backend says about an export that it answered with success. */
export interface PartialSuccess {
  /** How many of the spans it did not take. */
  readonly rejectedSpans: number;
  /** Why, or a warning when it took them all; empty when it says nothing. */
  readonly message: string;
}

/**
 * Reads `partial_success` out of an ExportTraceServiceResponse (opentelemetry.proto.collector.trace.v1).
 * Bytes that are none (some backends answer `{}` or `OK`) say nothing: the status was success.
 */
export function decodeExportResponse(body: Uint8Array): PartialSuccess {
  let rejectedSpans = 0;
  let message = '';
  try {
    for (const [field, value] of fieldsOf(body)) {
      if (field !== 1 || typeof value === 'number') continue;
      for (const [innerField, inner] of fieldsOf(value)) {
        if (innerField === 1 && typeof inner === 'number') rejectedSpans = inner;
        if (innerField === 2 && typeof inner !== 'number') message = Buffer.from(inner).toString();
      }
    }
  } catch {
    return { rejectedSpans: 0, message: '' };
  }
  return { rejectedSpans, message };
}

/**
 * The fields of one protobuf message: varints as numbers, length-delimited ones as a view into `bytes`, fixed ones
 * as a view too.
 *
 * @throws RangeError when the bytes are no complete message
 */
export function* fieldsOf(
  bytes: Uint8Array,
): Generator<readonly [field: number, value: number | Uint8Array]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('The message ends within a number.');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('A number is longer than ten bytes.');
  };
  while (at < bytes.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) {
      yield [Math.floor(tag / 8), varint()];
      continue;
    }
    const length = wireType === 2 ? varint() : wireType === 1 ? 8 : wireType === 5 ? 4 : Number.NaN;
    const end = at + length;
    if (!(end <= bytes.length))
      throw new RangeError(`Field ${Math.floor(tag / 8)} does not fit the message.`);
    yield [Math.floor(tag / 8), bytes.subarray(at, end)];
    at = end;
  }
}
