import { LimitError } from '../errors.ts';
import { WireType } from '../fields/types.ts';
import { MAX_VALUE_DEPTH } from '../limits.ts';
import { ByteCache } from './byte-cache.ts';

/** No limit in practice: a body has fewer bytes. */
const MAX_ALLOWANCE = 2 ** 30;

/** The specification's limit of a message and of each of its fields, in bytes. */
const MAX_LENGTH = 2 ** 31 - 1;

/** A cache of names, methods, hosts and most values. 8,192 texts take some 600 KB. */
const texts = new ByteCache<string>(48);

/**
 * Reads protobuf messages in place. A message is read up to `end`. `enter` narrows `end` to a nested message, and `leave`
 * restores it. So nothing is copied, and nothing is read past the end of a message.
 */
export class ProtobufReader {
  readonly bytes: Buffer;
  readonly view: DataView;
  position = 0;
  end: number;
  /** Remaining values, see `spend`. */
  allowance = MAX_ALLOWANCE;
  /** Remaining fields: known, unknown and repeated ones. */
  fields = MAX_ALLOWANCE;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  /** The tag of the next field, as in the field tables. @throws LimitError when `fields` is used up */
  tag(): number {
    if (this.fields-- <= 0) throw new LimitError('too many fields');
    const tag = this.uint32();
    if (tag < 8) throw new RangeError('field number 0');
    return tag;
  }

  /** The number of an enum, which may be negative or unknown. */
  enumeration(): number {
    return this.uint32() | 0;
  }

  /** The low 32 bits of a varint. */
  uint32(): number {
    const { bytes, end } = this;
    let position = this.position;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (position >= end) throw truncated();
      const byte = bytes[position++] as number;
      if (shift < 35) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = position;
        return value >>> 0;
      }
    }
    throw new RangeError('a varint of more than 10 bytes');
  }

  /** A signed 64-bit varint: a number if exact, else a bigint. */
  int64(): number | bigint {
    const { bytes, end } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= end) throw truncated();
      const byte = bytes[this.position++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        const value = high * 4_294_967_296 + (low >>> 0);
        return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low >>> 0);
      }
    }
    throw new RangeError('a varint of more than 10 bytes');
  }

  fixed64(): bigint {
    const at = this.#advance(8);
    return this.view.getBigUint64(at, true);
  }

  double(): number {
    const at = this.#advance(8);
    return this.view.getFloat64(at, true);
  }

  fixed32(): number {
    const at = this.#advance(4);
    return this.view.getUint32(at, true);
  }

  /**
   * A text. Invalid UTF-8 becomes U+FFFD: one wrong byte is no reason to lose a span. A repeated text comes from a cache by
   * its bytes.
   */
  text(): string {
    const length = this.#length();
    const start = this.#advance(length);
    const { view, position: end } = this;
    const slot = texts.slotOf(view, start, end);
    if (slot === -1) return this.bytes.toString('utf8', start, end);
    const known = texts.get(slot, view, start, end);
    if (known !== undefined) return known;
    const value = this.bytes.toString('utf8', start, end);
    texts.keep(slot, view, start, end, value);
    return value;
  }

  hex(): string {
    const length = this.#length();
    const start = this.#advance(length);
    return this.bytes.toString('hex', start, this.position);
  }

  /** A view on the bytes, not a copy. */
  slice(): Buffer {
    const length = this.#length();
    const start = this.#advance(length);
    return this.bytes.subarray(start, this.position);
  }

  /** Enters a nested message; pass the result to `leave`. */
  enter(): number {
    const length = this.#length();
    const outer = this.end;
    if (this.position + length > outer) throw truncated();
    this.end = this.position + length;
    return outer;
  }

  leave(outer: number): void {
    this.position = this.end;
    this.end = outer;
  }

  /**
   * Counts one more event, link, attribute or value before memory is spent on it. Two bytes of a body can ask for 100 bytes of
   * memory.
   * @throws LimitError when `allowance` is used up
   */
  spend(): void {
    if (this.allowance-- <= 0) throw new LimitError('too many values');
  }

  /** Skips an unknown field. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WireType.varint:
        this.int64();
        return;
      case WireType.fixed64:
        this.#advance(8);
        return;
      case WireType.bytes:
        this.#advance(this.#length());
        return;
      case WireType.fixed32:
        this.#advance(4);
        return;
      case WireType.startGroup:
        this.#skipGroup(tag);
        return;
      default:
        throw new RangeError(`wire type ${tag & 7}`);
    }
  }

  /** Skips a group. Nested groups are in a list, so that a deep nesting does not overflow the stack. */
  #skipGroup(start: number): void {
    const open = [start];
    for (;;) {
      if (this.done) throw truncated();
      const tag = this.tag();
      const type = tag & 7;
      if (type === WireType.startGroup) {
        open.push(tag);
        if (open.length > MAX_VALUE_DEPTH)
          throw new RangeError(`groups are nested deeper than ${MAX_VALUE_DEPTH} levels`);
      } else if (type !== WireType.endGroup) this.skip(tag);
      else if (open.pop() !== tag - 1) throw new RangeError('a group ends that did not start');
      else if (open.length === 0) return;
    }
  }

  /** The length of what follows. The low bits of one that no body has would be a length within the message. */
  #length(): number {
    const first = this.bytes[this.position] as number; // most lengths are of one byte
    if (first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    const length = this.int64();
    if (length < 0 || length > MAX_LENGTH) throw truncated();
    return Number(length);
  }

  #advance(length: number): number {
    const start = this.position;
    if (start + length > this.end) throw truncated();
    this.position = start + length;
    return start;
  }
}

/** Reads the known fields of a message by their tags, and skips other fields. @throws RangeError for malformed bytes */
export function readFields(reader: ProtobufReader, fields: Readonly<Record<number, () => void>>): void {
  while (!reader.done) {
    const tag = reader.tag();
    const read = fields[tag];
    if (read === undefined) reader.skip(tag);
    else read();
  }
}

/** Reads a nested message whose tag was read, as `readFields` does. */
export function readMessage(reader: ProtobufReader, fields: Readonly<Record<number, () => void>>): void {
  const outer = reader.enter();
  readFields(reader, fields);
  reader.leave(outer);
}

function truncated(): RangeError {
  return new RangeError('the message ends early');
}
