import { WireType } from './wire.ts';

/** Writes protobuf messages. Fields at their default value are left out, as proto3 does. */
export class ProtobufWriter {
  #bytes: Buffer;
  #position = 0;

  constructor(initialSize = 256) {
    this.#bytes = Buffer.allocUnsafe(initialSize);
  }

  /** The message so far; later writes do not change it. */
  finish(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#position);
  }

  text(field: number, value: string): this {
    if (value === '') return this;
    return this.textAlways(field, value);
  }

  /** Also when empty: members of a `oneof` say by their presence which one it is. */
  textAlways(field: number, value: string): this {
    const size = Buffer.byteLength(value);
    this.#tag(field, WireType.bytes);
    this.#varint(size);
    this.#reserve(size);
    this.#bytes.write(value, this.#position);
    this.#position += size;
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, WireType.bytes);
    this.#varint(value.byteLength);
    this.#reserve(value.byteLength);
    this.#bytes.set(value, this.#position);
    this.#position += value.byteLength;
    return this;
  }

  /** Lower-case or upper-case hex as bytes. */
  hex(field: number, value: string): this {
    return value === '' ? this : this.bytes(field, Buffer.from(value, 'hex'));
  }

  /** A nested message. */
  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const nested = new ProtobufWriter();
    write(nested);
    return this.bytes(field, nested.finish());
  }

  uint32(field: number, value: number): this {
    if (value === 0) return this;
    this.#tag(field, WireType.varint);
    this.#varint(value);
    return this;
  }

  boolAlways(field: number, value: boolean): this {
    this.#tag(field, WireType.varint);
    this.#varint(value ? 1 : 0);
    return this;
  }

  int64(field: number, value: number | bigint): this {
    return value === 0 || value === 0n ? this : this.int64Always(field, value);
  }

  int64Always(field: number, value: number | bigint): this {
    this.#tag(field, WireType.varint);
    let rest = BigInt.asUintN(64, BigInt(value));
    this.#reserve(10);
    while (rest > 0x7fn) {
      this.#bytes[this.#position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#position++] = Number(rest);
    return this;
  }

  double(field: number, value: number): this {
    this.#tag(field, WireType.fixed64);
    this.#reserve(8);
    this.#position = this.#bytes.writeDoubleLE(value, this.#position);
    return this;
  }

  fixed64(field: number, value: bigint): this {
    if (value === 0n) return this;
    this.#tag(field, WireType.fixed64);
    this.#reserve(8);
    this.#position = this.#bytes.writeBigUInt64LE(value, this.#position);
    return this;
  }

  fixed32(field: number, value: number): this {
    if (value === 0) return this;
    this.#tag(field, WireType.fixed32);
    this.#reserve(4);
    this.#position = this.#bytes.writeUInt32LE(value >>> 0, this.#position);
    return this;
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    this.#reserve(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#position++] = rest;
  }

  #reserve(size: number): void {
    if (this.#position + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#position + size));
    this.#bytes.copy(larger, 0, 0, this.#position);
    this.#bytes = larger;
  }
}
