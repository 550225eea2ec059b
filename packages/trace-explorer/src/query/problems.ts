import type { ErrorDetail } from './query-error.ts';
import { invalidQuery } from './query-error.ts';

/** Collects everything wrong with a request, so that one answer names all of it; readers return undefined after adding. */
export class Problems {
  readonly #details: ErrorDetail[] = [];

  add(field: string, description: string, code: ErrorDetail['code'] = 'invalid'): undefined {
    this.#details.push({ field, code, description });
  }

  /** Throws a QueryError when anything was added. */
  check(): void {
    if (this.#details.length > 0) throw invalidQuery(this.#details);
  }

  /** Reads an object whose keys are all known; each unknown key is refused by name. */
  object(
    value: unknown,
    field: string,
    keys: Readonly<Record<string, KeyRule>>,
  ): Record<string, unknown> | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.add(field || 'body', 'must be a JSON object', 'incorrect_type');
    }
    for (const key of Object.keys(value)) {
      const rule = Object.hasOwn(keys, key) ? keys[key] : undefined;
      const at = field ? `${field}.${key}` : key;
      if (rule === undefined) this.add(at, 'is not a field that is known here', 'unsupported');
      else if (rule !== true && !isEmpty(Reflect.get(value, key))) this.add(at, rule, 'unsupported');
    }
    return value as Record<string, unknown>;
  }

  /** Reads a list of at most `max` items; absent or null is an empty one. */
  list<T>(
    value: unknown,
    field: string,
    max: number,
    item: (value: unknown, field: string) => T | undefined,
  ): T[] {
    if (isAbsent(value)) return [];
    if (!Array.isArray(value)) {
      this.add(field, 'must be a list', 'incorrect_type');
      return [];
    }
    if (value.length > max) {
      this.add(field, `has ${value.length} items; at most ${max} are possible`);
      return [];
    }
    return value.map((each, i) => item(each, `${field}[${i}]`)).filter((each) => each !== undefined);
  }

  string(value: unknown, field: string): string | undefined {
    if (isAbsent(value)) return this.add(field, 'cannot be blank', 'missing');
    if (typeof value !== 'string') return this.add(field, 'must be a string', 'incorrect_type');
    return value === '' ? this.add(field, 'cannot be blank', 'missing') : value;
  }

  /** Like string, but null, absent and '' (as Honeycomb's clients send them) mean none. */
  optionalString(value: unknown, field: string): string | undefined {
    return isAbsent(value) || value === '' ? undefined : this.string(value, field);
  }

  oneOf<T extends string>(value: unknown, field: string, allowed: readonly T[]): T | undefined {
    const found = allowed.find((each) => each === value);
    if (found !== undefined) return found;
    if (isAbsent(value)) return this.add(field, `cannot be blank; one of ${allowed.join(', ')}`, 'missing');
    return this.add(field, `${quote(value)} is not supported; one of ${allowed.join(', ')}`, 'unsupported');
  }

  integer(value: unknown, field: string, min: number, max: number): number | undefined {
    if (isAbsent(value)) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value))
      return this.add(field, 'must be an integer', 'incorrect_type');
    return value < min || value > max ? this.add(field, `must be from ${min} to ${max}`) : value;
  }
}

/** True: known. A string: known to Honeycomb but not supported here, with what to do instead. */
export type KeyRule = true | string;

export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A value from a request, as it may appear in a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Values that ask for nothing, as clients write out fields that they don't use. */
function isEmpty(value: unknown): boolean {
  return isAbsent(value) || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
}
