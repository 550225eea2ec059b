interface FailureBody {
  readonly title?: unknown;
  readonly detail?: unknown;
  /** What was wrong with which part of a request. */
  readonly errors?: unknown;
  /** Honeycomb's form: the query API's. */
  readonly error?: unknown;
}

/** What an answer of the explorer's API says of why it is no success, in a line for people; undefined when it says nothing. */
export function describeFailure(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { title, detail, errors, error } = body as FailureBody;
  if (typeof error === 'string') return error;
  const parts = [title, detail, ...(Array.isArray(errors) ? errors.map(describePart) : [])];
  const said = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  return said.length === 0 ? undefined : said.join('. ');
}

function describePart({ field, detail }: { readonly field?: unknown; readonly detail?: unknown }): string {
  return [field, detail].filter((part) => typeof part === 'string' && part !== '').join(' ');
}
