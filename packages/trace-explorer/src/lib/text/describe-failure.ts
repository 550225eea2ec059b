interface FailureBody {
  readonly title?: unknown;
  readonly detail?: unknown;
  /** The wrong parts of a request. */
  readonly errors?: unknown;
  /** The reason in the form of Honeycomb's errors, which the query API uses. */
  readonly error?: unknown;
}

/** The reason in the body of an error, on one line for people. Undefined for a body without a reason. */
export function describeFailure(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { title, detail, errors, error } = body as FailureBody;
  if (typeof error === 'string') return error;
  const parts = [title, detail, ...(Array.isArray(errors) ? errors.map(describePart) : [])];
  const sentences = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  return sentences.length === 0 ? undefined : sentences.join('. ');
}

function describePart({ field, detail }: { readonly field?: unknown; readonly detail?: unknown }): string {
  return [field, detail].filter((part) => typeof part === 'string' && part !== '').join(' ');
}
