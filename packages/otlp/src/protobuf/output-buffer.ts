/** Bytes a fresh or trimmed buffer has: about forty spans. */
const INITIAL_BYTES = 16 * 1024;

/** Kept free in a buffer that grows. */
const ROOM_BYTES = 1024;

/** Above this a drained buffer is given back rather than kept for reuse. */
const KEEP_BYTES = 1024 * 1024;

/** From here on the native UTF-8 writer beats a loop over character codes. */
export const LOOP_CHARACTERS = 48;

/** From here on copying bytes natively beats a loop over them. */
const LOOP_BYTES = 64;

/** One growing buffer, reused from batch to batch. What writes to `bytes` itself calls `reserve` before. */
export class OutputBuffer {
  bytes: Buffer;
  length = 0;

  constructor(initialBytes: number = INITIAL_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    // With some room after a long text: the lengths of the messages around it would take another buffer of twice the size.
    const larger = Buffer.allocUnsafeSlow(Math.max(needed + ROOM_BYTES, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Forgets what was written; a buffer that one unusual batch made huge is given back. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > KEEP_BYTES) this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  /** A copy of what was written. */
  toBuffer(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(copy, 0, 0, this.length);
    return copy;
  }

  /** What was written, for good: a copy, or the buffer itself where that is large; it is empty afterwards. */
  take(): Buffer {
    if (this.length <= KEEP_BYTES) {
      const copy = this.toBuffer();
      this.length = 0;
      return copy;
    }
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.length = 0;
    return taken;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array): void {
    const count = source.length;
    this.reserve(count);
    if (count < LOOP_BYTES) {
      const { bytes } = this;
      let at = this.length;
      for (let i = 0; i < count; i++) bytes[at++] = source[i] as number;
      this.length = at;
    } else {
      this.bytes.set(source, this.length);
      this.length += count;
    }
  }

  /** A string in UTF-8, a lone surrogate as U+FFFD; `count` is its {@link utf8Length}. */
  utf8(value: string, count: number): void {
    this.reserve(count);
    if (count <= LOOP_CHARACTERS && count === value.length) {
      const { bytes } = this;
      let at = this.length;
      for (let i = 0; i < count; i++) bytes[at++] = value.charCodeAt(i);
      this.length = at;
    } else {
      this.bytes.write(value, this.length, count, 'utf8');
      this.length += count;
    }
  }
}

/** How many bytes a string takes in UTF-8. */
export function utf8Length(value: string): number {
  const { length } = value;
  if (length > LOOP_CHARACTERS) return Buffer.byteLength(value, 'utf8');
  for (let i = 0; i < length; i++) {
    if (value.charCodeAt(i) > 0x7f) return Buffer.byteLength(value, 'utf8');
  }
  return length;
}
