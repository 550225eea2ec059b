import type { ErrorDetail } from './query-error.ts';
import { invalidQuery } from './query-error.ts';

/** Collects everything wrong with a request, so that one answer names all of it; readers return undefined after adding. */
export class Problems {
  readonly #details: ErrorDetail[] = [];

  /** Notes what is wrong with a field; the first thing is enough. */
  add(field: string, description: string, code: ErrorDetail['code'] = 'invalid'): undefined {
    if (this.#details.some((detail) => detail.field === field)) return;
    this.#details.push({ field, code, description });
  }

  /** @throws QueryError when anything was added */
  check(): void {
    if (this.#details.length > 0) throw invalidQuery(this.#details);
  }

  /**
   * Reads an object whose keys are all known. Another key that asks for something is refused by name, `refused` ones with
   * what to do.
   */
  object(
    value: unknown,
    field: string,
    known: readonly string[],
    refused: Readonly<Record<string, string>> = {},
  ): Readonly<Record<string, unknown>> | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.add(field || 'body', 'must be a JSON object', 'incorrect_type');
    }
    for (const [key, part] of Object.entries(value)) {
      if (known.includes(key) || isNeutral(part)) continue;
      const at = field ? `${field}.${key}` : key;
      const advice = Object.hasOwn(refused, key) ? refused[key] : undefined;
      this.add(at, advice ?? 'is not a field that is known here', 'unsupported');
    }
    return value as Readonly<Record<string, unknown>>;
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

  oneOf<T>(value: unknown, field: string, allowed: readonly T[]): T | undefined {
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

  number(value: unknown, field: string): number | undefined {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return this.add(field, 'must be a number', 'incorrect_type');
  }

  boolean(value: unknown, field: string): boolean | undefined {
    if (typeof value === 'boolean') return value;
    return this.add(field, 'must be true or false', 'incorrect_type');
  }
}

/** Whether a part of a request says nothing. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A value from a request, as it may appear in a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Values that ask for nothing, as clients write out fields that they don't use. */
function isNeutral(value: unknown): boolean {
  if (isAbsent(value) || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
