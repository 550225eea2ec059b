/** A number is exact up to this count of digits. */
const EXACT_DIGITS = 15;

/** A 64-bit integer has at most 20 digits. */
const INTEGER = /^-?\d{1,20}$/;

/**
 * Reads the fields of a message in OTLP's JSON encoding; absent and null fields have proto3's defaults. Every method
 * throws a TypeError that names the field when its value is of another type.
 */
export class JsonFields {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @throws TypeError when `value` is no object */
  constructor(value: unknown, what: string) {
    if (value === undefined || value === null) this.#fields = {};
    else if (typeof value !== 'object' || Array.isArray(value))
      throw new TypeError(`${what} is not an object`);
    else this.#fields = value as Record<string, unknown>;
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  /** A lone surrogate, which JSON can escape and UTF-8 cannot encode, becomes U+FFFD. */
  text(name: string): string {
    return textOf(this.#get(name) ?? '', name);
  }

  texts(name: string): string[] {
    return this.items(name).map((item) => textOf(item, name));
  }

  /** Hex digits, in lower case. */
  hex(name: string): string {
    const value = this.text(name);
    if (value.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(value)) throw wrong(name, 'hex digits');
    return value.toLowerCase();
  }

  bool(name: string): boolean {
    const value = this.#get(name) ?? false;
    if (typeof value !== 'boolean') throw wrong(name, 'true or false');
    return value;
  }

  uint32(name: string): number {
    const value = this.#get(name) ?? 0;
    const whole = typeof value === 'number' ? value >>> 0 : undefined;
    return whole === value ? whole : Number(BigInt.asUintN(32, integer(value, name)));
  }

  /** A number if exact, else a bigint. */
  int64(name: string): number | bigint {
    const value = this.#get(name) ?? 0;
    if (typeof value === 'string' && value.length <= EXACT_DIGITS && INTEGER.test(value))
      return Number(value);
    const exact = integer(value, name);
    if (BigInt.asIntN(64, exact) !== exact) throw wrong(name, 'a signed 64-bit integer');
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }

  uint64(name: string): bigint {
    const value = integer(this.#get(name) ?? 0, name);
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw wrong(name, 'an unsigned 64-bit integer');
    return value;
  }

  /** ProtoJSON has texts for NaN and the infinities. */
  double(name: string): number {
    const value = this.#get(name) ?? 0;
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
      return Number(value);
    throw wrong(name, 'a number');
  }

  /** Base64. */
  bytes(name: string): Uint8Array {
    return Buffer.from(this.text(name), 'base64');
  }

  enumeration(name: string, names: readonly string[]): number {
    const value = this.#get(name);
    const index = typeof value === 'string' ? names.indexOf(value) : -1;
    return index >= 0 ? index : this.uint32(name) | 0;
  }

  message(name: string): JsonFields {
    return new JsonFields(this.#get(name), name);
  }

  items(name: string): readonly unknown[] {
    const value = this.#get(name) ?? [];
    if (!Array.isArray(value)) throw wrong(name, 'a list');
    return value;
  }

  messages(name: string): JsonFields[] {
    return this.items(name).map((item) => new JsonFields(item, name));
  }

  /** Own fields only: `__proto__` in a body is an ordinary name. */
  #get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined;
  }
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrong(name, 'text');
  return value.toWellFormed();
}

function integer(value: unknown, name: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value);
  throw wrong(name, 'an integer');
}

function wrong(name: string, expected: string): TypeError {
  return new TypeError(`${name} is not ${expected}`);
}
