/** The exception of a log record, by the semantic conventions. */
export interface LogException {
  readonly type?: string;
  readonly message?: string;
  readonly stack?: string;
}

/** The exception in a record's attributes; undefined when there is none. */
export function exceptionOf(attributes: Readonly<Record<string, unknown>>): LogException | undefined {
  const text = (name: string) => {
    const value = attributes[`exception.${name}`];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [type, message, stack] = [text('type'), text('message'), text('stacktrace')];
  if (type === undefined && message === undefined && stack === undefined) return undefined;
  return {
    ...(type !== undefined && { type }),
    ...(message !== undefined && { message }),
    ...(stack !== undefined && { stack }),
  };
}

/** The exception in one line: `TypeError: x is not a function`. */
function exceptionLine({ type, message, stack }: LogException): string {
  const line = [type, message].filter((part) => part !== undefined).join(': ');
  return line === '' ? (stack?.split('\n', 1)[0] ?? '') : line;
}

/** A log line as one text: its body, else its event's name, and its exception. */
export function lineText({
  body,
  event_name,
  attributes,
}: Readonly<{ body?: string; event_name?: string; attributes: Readonly<Record<string, unknown>> }>): string {
  const exception = exceptionOf(attributes);
  const thrown = exception === undefined ? '' : exceptionLine(exception);
  const text = body || event_name || '';
  const parts = text.includes(thrown) ? [text] : [text, thrown];
  return parts.filter((part) => part !== '').join(' · ') || '(no text)';
}
