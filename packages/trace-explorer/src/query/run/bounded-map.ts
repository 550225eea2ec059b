/** Keeps the newest entries within a number and a size; reading an entry makes it new again. */
export class BoundedMap<V> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #onEvict: (value: V) => void;
  readonly #entries = new Map<string, { readonly value: V; readonly bytes: number }>();
  #bytes = 0;

  constructor(maxItems: number, maxBytes: number, onEvict: (value: V) => void = () => {}) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
    this.#onEvict = onEvict;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Adds an entry, or changes its size; the oldest entries go when there is no room. */
  set(key: string, value: V, bytes: number): void {
    this.#bytes += bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { value, bytes });
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxItems && this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
      this.#onEvict(entry.value);
    }
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  *values(): Generator<V> {
    for (const entry of this.#entries.values()) yield entry.value;
  }
}
