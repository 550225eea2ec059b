import { STATUS_CODES } from 'node:http';

/** One part of a request that was wrong, as listed in a problem's `errors`. */
export interface FieldError {
  /** Part of the request that the field is in. */
  readonly in: 'path' | 'query' | 'header' | 'body';
  /** Name of the parameter, header or property (`handle`, `handle/3`); `''` is the body as a whole. */
  readonly field: string;
  readonly detail: string;
}

/** What an error of the catalogue is in general. */
export interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  /** Response headers that always belong to it. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What happened this time. */
export interface ProblemOccurrence {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that is answered as problem details (RFC 9457). Its message goes to the client: it must hold no secret. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly statusCode: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, definition: ProblemDefinition, occurrence: ProblemOccurrence = {}) {
    super(occurrence.detail ?? definition.title, { cause: occurrence.cause });
    this.code = code;
    this.statusCode = definition.status;
    this.title = definition.title;
    this.detail = occurrence.detail;
    this.errors = occurrence.errors;
    this.headers = { ...definition.headers, ...occurrence.headers };
  }
}

/**
 * Turns a catalogue `{ CODE: definition }` into one function per code, so that a code cannot drift from its entry.
 * @throws TypeError for a status that HTTP does not know
 *
 * @example
 * const problems = defineProblems({ USER_NOT_FOUND: { status: 404, title: 'No such user' } });
 * throw problems.USER_NOT_FOUND({ detail: 'Nobody has the handle bayko.' });
 */
export function defineProblems<T extends Record<string, ProblemDefinition>>(
  catalogue: T,
): Readonly<Record<keyof T, (occurrence?: ProblemOccurrence) => Problem>> {
  const entries = Object.entries(catalogue).map(([code, definition]) => {
    if (STATUS_CODES[definition.status] === undefined)
      throw new TypeError(`${code}: ${definition.status} is no HTTP status`);
    return [code, (occurrence?: ProblemOccurrence) => new Problem(code, definition, occurrence)];
  });
  return Object.freeze(Object.fromEntries(entries));
}
