/** Names of fields whose values are often secret. */
const SECRET =
  /(?:^|[._-])(?:authorization|cookie|set-cookie|password|passwd|secret|token|credentials?|api[._-]?key|session[._-]?id)(?:$|[._-])/i;

/** Whether a field with this name often has a secret value. */
export function looksSecret(name: string): boolean {
  return SECRET.test(name);
}

/** Whether an attribute is of the code that made a span or log record, which leaves this machine only where somebody asks. */
export function isOfCode(name: string): boolean {
  return name.startsWith('code.') || name === 'tandem.loop' || name.startsWith('tandem.code.');
}

/** Whether one of the names matches a field. A name that ends with `*` matches all names with this beginning. */
export function isNamed(field: string, names: readonly string[]): boolean {
  return names.some((name) => (name.endsWith('*') ? field.startsWith(name.slice(0, -1)) : field === name));
}

/** Header of an answer with a redacted trace: the names to redact that no field of the trace has. */
export const UNUSED_NAMES = 'tandem-unused-names';

/** Most characters of the header. Node's fetch takes 16 KiB of headers. */
const MAX_HEADER = 8_192;

/** Names as the value of a header, in which any character may stand. Names beyond its length are left out. */
export function writeNames(names: readonly string[]): string {
  let header = '';
  for (const name of names) {
    const next = `${header === '' ? '' : `${header},`}${encodeURIComponent(name.toWellFormed())}`;
    if (next.length <= MAX_HEADER) header = next;
  }
  return header;
}

/** Names from the value of a header. */
export function readNames(header: string | null): string[] {
  return (header ?? '').split(',').flatMap((name) => (name === '' ? [] : [decodeURIComponent(name)]));
}
