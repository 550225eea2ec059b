import type { ErrorDetail } from './query-error.ts';
import { invalidQuery } from './query-error.ts';

/** Collects everything wrong with a request, so that one answer names all mistakes. */
export class Problems {
  readonly #details: ErrorDetail[] = [];

  /** Notes a mistake in a field. Only the first mistake of a field counts. */
  add(field: string, description: string, code: ErrorDetail['code'] = 'invalid'): undefined {
    if (this.#details.some((detail) => detail.field === field)) return;
    this.#details.push({ field, code, description });
  }

  /** @throws QueryError when anything was added */
  check(): void {
    if (this.#details.length > 0) throw invalidQuery(this.#details);
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
