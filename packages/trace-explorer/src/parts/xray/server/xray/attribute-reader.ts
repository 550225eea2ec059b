import type { Attribute } from '@tandem/otlp';
import type { PlainValue } from '../../../../core/traces/forms/plain-value.ts';
import { jsonValue } from '../../../../core/traces/forms/plain-value.ts';

/** Attributes of a span that no block of the document has used yet. */
export class AttributeReader {
  readonly #sent: ReadonlyMap<string, PlainValue>;
  readonly #values: Map<string, PlainValue>;

  constructor(attributes: readonly Attribute[]) {
    this.#sent = new Map(attributes.map((attribute) => [attribute.key, jsonValue(attribute)]));
    this.#values = new Map(this.#sent);
  }

  /** The sent value, also when a block has used it. */
  sent(key: string): PlainValue | undefined {
    return this.#sent.get(key);
  }

  /** The first sent value of these keys that is a text. */
  sentText(...keys: readonly string[]): string | undefined {
    return keys.map((key) => this.sent(key)).find((value) => typeof value === 'string');
  }

  peek(key: string): PlainValue | undefined {
    return this.#values.get(key);
  }

  take(...keys: readonly string[]): PlainValue | undefined {
    let found: PlainValue | undefined;
    for (const key of keys) {
      found ??= this.#values.get(key);
      this.#values.delete(key);
    }
    return found;
  }

  /** The value of the first key that exists, as text. All of the keys count as used. */
  takeString(...keys: readonly string[]): string | undefined {
    const value = this.take(...keys);
    return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
  }

  takeNumber(...keys: readonly string[]): number | undefined {
    const value = this.take(...keys);
    if (typeof value === 'number') return value;
    const parsed = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
    return Number.isFinite(parsed) ? parsed : undefined;
  }

  remaining(): IterableIterator<[string, PlainValue]> {
    return this.#values.entries();
  }
}
