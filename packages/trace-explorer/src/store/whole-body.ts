import type { ContentCoding } from '../shared/content-coding.ts';
import { codecOf } from '../shared/content-coding.ts';

/** Bytes of a request in protobuf, at most. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Below it unpacking takes as long, after a restart, as writing what it saves. */
const MIN_PACKED_BODY_BYTES = 4 * 1024;
/** Of what zlib unpacks into. */
const MIN_CHUNK_BYTES = 1024;

/** How a body is packed, and how many bytes it becomes. */
export interface Packing {
  readonly coding: ContentCoding;
  readonly unpackedBytes: number;
}

/** All of a request, as the journal keeps it. */
export interface WholeBody {
  readonly bytes: Uint8Array;
  /** Undefined where `bytes` are OTLP protobuf already. */
  readonly packing?: Packing | undefined;
}

/**
 * The body as it came where that is worth keeping: the journal's checksum, write and sync cost by the byte.
 * @param coding that of `came`; undefined when it is `unpacked` itself
 */
export function wholeBody(
  came: Uint8Array,
  coding: ContentCoding | undefined,
  unpacked: Uint8Array,
): WholeBody {
  const unpackedBytes = unpacked.byteLength;
  return coding === undefined || unpackedBytes < MIN_PACKED_BODY_BYTES || came.byteLength >= unpackedBytes
    ? { bytes: unpacked }
    : { bytes: came, packing: { coding, unpackedBytes } };
}

/** Bytes in memory while a request waits: the messages of its rows are views on the body in protobuf. */
export function heldBytes({ bytes, packing }: WholeBody): number {
  return bytes.byteLength + (packing?.unpackedBytes ?? 0);
}

/** The body in protobuf. @throws Error when it is not what was packed: damaged, or more than a request may hold */
export function unpack({ bytes, packing }: WholeBody): Uint8Array {
  if (packing === undefined) return bytes;
  const { coding, unpackedBytes } = packing;
  if (unpackedBytes > MAX_BODY_BYTES) throw new Error(`a body of ${unpackedBytes} bytes was never taken`);
  const unpacked = codecOf(coding, bytes).atOnce(bytes, {
    maxOutputLength: unpackedBytes,
    // One more, or zlib would ask whether there is a rest.
    chunkSize: Math.max(unpackedBytes + 1, MIN_CHUNK_BYTES),
  });
  if (unpacked.byteLength !== unpackedBytes)
    throw new Error(`${unpacked.byteLength} bytes were unpacked, and ${unpackedBytes} had been packed`);
  return unpacked;
}
