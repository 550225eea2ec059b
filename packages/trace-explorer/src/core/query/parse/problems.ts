import type { ErrorDetail } from './query-error.ts';
import { invalidQuery } from './query-error.ts';

/** Collects all mistakes of a request, so that one answer names all of them. */
export class Problems {
  readonly #details: ErrorDetail[] = [];

  /** Notes a mistake in a field. The first mistake of a field counts. */
  add(field: string, description: string, code: ErrorDetail['code'] = 'invalid'): undefined {
    if (this.#details.some((detail) => detail.field === field)) return;
    this.#details.push({ field, code, description });
  }

  /** @throws QueryError with all mistakes, where there are any */
  check(): void {
    if (this.#details.length > 0) throw invalidQuery(this.#details);
  }
}

/** Whether a part of a request is null or missing. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A value of a request in a form fit for a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
