/** One mistake in a request, as Honeycomb's `type_detail` lists it. */
export interface ErrorDetail {
  /** Path into the request, `calculations[0].op`. */
  readonly field: string;
  readonly code: 'invalid' | 'missing' | 'incorrect_type' | 'unsupported';
  readonly description: string;
}

const KINDS = {
  unparseable: { status: 400, title: 'The request body could not be parsed.' },
  'not-found': { status: 404, title: 'The requested resource cannot be found.' },
  conflict: { status: 409, title: 'The saved calculated fields cannot be read.' },
  'validation-failed': { status: 422, title: 'The provided input is invalid.' },
  'rate-limited': { status: 429, title: 'Too many queries are running.' },
  'too-large': { status: 422, title: 'The query needs more memory than there is.' },
  internal: { status: 500, title: 'The query failed.' },
  unavailable: { status: 503, title: 'The store cannot be read at present.' },
  timeout: { status: 504, title: 'The query took too long.' },
} as const;

export type QueryErrorKind = keyof typeof KINDS;

/** The reason that a query has no answer. `body` is the error in the form of Honeycomb's API. */
export class QueryError extends Error {
  readonly kind: QueryErrorKind;
  readonly status: number;
  readonly details: readonly ErrorDetail[];
  /** Seconds after which the same request may succeed; undefined when repeating does not help. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: QueryErrorKind,
    message: string,
    details: readonly ErrorDetail[] = [],
    retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = 'QueryError';
    this.kind = kind;
    this.status = KINDS[kind].status;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Honeycomb's error body (RFC 7807 plus `error` and `type_detail`); `origin` makes the type absolute. */
  body(origin: string): Record<string, unknown> {
    return {
      status: this.status,
      type: `${origin}/problems/${this.kind}`,
      title: KINDS[this.kind].title,
      error: this.message,
      ...(this.details.length > 0 ? { type_detail: this.details } : {}),
    };
  }
}

/** The error for a specification with mistakes. The message is the first mistake. The details are all mistakes. */
export function invalidQuery(details: readonly ErrorDetail[]): QueryError {
  const text = details.map((d) => `${d.field}: ${d.description}`).join('; ');
  return new QueryError('validation-failed', text, details);
}

/** A single problem with one part of a specification. */
export function invalid(
  field: string,
  description: string,
  code: ErrorDetail['code'] = 'invalid',
): QueryError {
  return invalidQuery([{ field, code, description }]);
}
