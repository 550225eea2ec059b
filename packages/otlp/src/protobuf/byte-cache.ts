/** The number of slots: a power of two. */
const SLOTS = 8192;

/**
 * Keeps values that were decoded from short bytes. Finding a value takes less time than decoding it again, and leaves no
 * garbage. Entries are compared byte for byte. An entry is kept when its bytes come for the second time; the entry then
 * replaces the entry with the same hash. Most bytes come once only, and keeping their values would give the garbage collector
 * work.
 */
export class ByteCache<T> {
  readonly #maxLength: number;
  readonly #lengths = new Uint8Array(SLOTS);
  /** Per slot, the last bytes that came once and were not kept. */
  readonly #met = new Int32Array(SLOTS);
  readonly #values: (T | undefined)[] = new Array(SLOTS).fill(undefined);
  /** Copies of the entries' bytes; made with the first entry. */
  #bytes: DataView | undefined;

  /** @param maxLength the most bytes of an entry, at most 255 and a multiple of 4 */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** The slot of bytes start..end; -1 for no bytes or too many. */
  slotOf(view: DataView, start: number, end: number): number {
    const length = end - start;
    if (length === 0 || length > this.#maxLength) return -1;
    let hash = length;
    if (length < 4) {
      for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + view.getUint8(at);
    } else {
      // Compares word by word. The last word may overlap the one before it.
      for (let at = start; at < end - 4; at += 4) {
        hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      hash ^= view.getInt32(end - 4, true);
    }
    hash = Math.imul(hash, 0x85ebca6b);
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }

  /** The value in a slot, if it was decoded from the same bytes. */
  get(slot: number, view: DataView, start: number, end: number): T | undefined {
    const length = end - start;
    const bytes = this.#bytes;
    if (this.#lengths[slot] !== length || bytes === undefined) return undefined;
    let known = slot * this.#maxLength;
    if (length < 4) {
      for (let at = start; at < end; at++) {
        if (view.getUint8(at) !== bytes.getUint8(known++)) return undefined;
      }
    } else {
      const last = known + length - 4;
      for (let at = start; known < last; at += 4, known += 4) {
        if (view.getInt32(at, true) !== bytes.getInt32(known, true)) return undefined;
      }
      if (view.getInt32(end - 4, true) !== bytes.getInt32(last, true)) return undefined;
    }
    return this.#values[slot];
  }

  /** Keeps the value of bytes start..end, if these bytes came before. */
  keep(slot: number, view: DataView, start: number, end: number, value: T): void {
    const met = endOf(view, start, end);
    if (this.#met[slot] !== met) {
      this.#met[slot] = met;
      return;
    }
    this.#bytes ??= new DataView(new ArrayBuffer(SLOTS * this.#maxLength));
    const bytes = this.#bytes;
    this.#lengths[slot] = end - start;
    this.#values[slot] = value;
    let target = slot * this.#maxLength;
    for (let at = start; at < end; at++) bytes.setUint8(target++, view.getUint8(at));
  }
}

/** The last bytes and their count: mostly different for different bytes of one slot. Never 0. */
function endOf(view: DataView, start: number, end: number): number {
  const length = end - start;
  const last = length < 4 ? view.getUint8(end - 1) : view.getInt32(end - 4, true);
  return Math.imul(last, 0x01000193) ^ length || 1;
}
