import { MAX_VALUE_DEPTH } from './decode-protobuf.ts';
import type { Attribute } from './types.ts';
import { ValueKind } from './types.ts';

/** Reads the fields of a message in OTLP's JSON encoding; absent and null fields have proto3's defaults. */
export class JsonFields {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @throws TypeError when `value` is no object */
  constructor(value: unknown, what: string) {
    if (value === undefined || value === null) this.#fields = {};
    else if (typeof value !== 'object' || Array.isArray(value))
      throw new TypeError(`${what} is not an object`);
    else this.#fields = value as Record<string, unknown>;
  }

  text(name: string): string {
    const value = this.#get(name);
    if (value === undefined) return '';
    if (typeof value !== 'string') throw wrong(name, 'text');
    return value;
  }

  /** Hex in any case, as lower-case hex. */
  hex(name: string): string {
    const value = this.text(name);
    if (value.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(value)) throw wrong(name, 'hex digits');
    return value.toLowerCase();
  }

  uint32(name: string): number {
    return Number(BigInt.asUintN(32, integer(this.#get(name) ?? 0, name)));
  }

  uint64(name: string): bigint {
    const value = integer(this.#get(name) ?? 0, name);
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw wrong(name, 'an unsigned 64-bit integer');
    return value;
  }

  enumeration(name: string, names: readonly string[]): number {
    const value = this.#get(name);
    const index = typeof value === 'string' ? names.indexOf(value) : -1;
    return index >= 0 ? index : this.uint32(name);
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

  attributes(name: string, depth = 0): Attribute[] {
    return this.messages(name).map((fields) => {
      const key = fields.text('key');
      return fields.message('value').value(key, depth);
    });
  }

  /** These fields as an AnyValue. */
  value(key: string, depth: number): Attribute {
    if (depth > MAX_VALUE_DEPTH)
      throw new RangeError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
    if (this.#get('stringValue') !== undefined) {
      return { key, kind: ValueKind.string, value: this.text('stringValue') };
    }
    const boolean = this.#get('boolValue');
    if (boolean !== undefined) {
      if (typeof boolean !== 'boolean') throw wrong('boolValue', 'true or false');
      return { key, kind: ValueKind.boolean, value: boolean };
    }
    const whole = this.#get('intValue');
    if (whole !== undefined)
      return { key, kind: ValueKind.integer, value: int64(integer(whole, 'intValue')) };
    const double = this.#get('doubleValue');
    if (double !== undefined) return { key, kind: ValueKind.float, value: float(double) };
    if (this.#get('arrayValue') !== undefined) {
      const items = this.message('arrayValue').messages('values');
      return { key, kind: ValueKind.array, value: items.map((item) => item.value('', depth + 1)) };
    }
    if (this.#get('kvlistValue') !== undefined) {
      return { key, kind: ValueKind.map, value: this.message('kvlistValue').attributes('values', depth + 1) };
    }
    if (this.#get('bytesValue') !== undefined) {
      return { key, kind: ValueKind.bytes, value: Buffer.from(this.text('bytesValue'), 'base64') };
    }
    return { key, kind: ValueKind.none, value: null };
  }

  /** Own fields alone: `__proto__` in a body is a name like any other. */
  #get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined;
  }
}

function integer(value: unknown, name: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw wrong(name, 'an integer');
}

function int64(value: bigint): number | bigint {
  if (BigInt.asIntN(64, value) !== value) throw wrong('intValue', 'a signed 64-bit integer');
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** ProtoJSON has text for what JSON's numbers cannot say. */
function float(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return Number(value);
  throw wrong('doubleValue', 'a number');
}

function wrong(name: string, expected: string): TypeError {
  return new TypeError(`${name} is not ${expected}`);
}
