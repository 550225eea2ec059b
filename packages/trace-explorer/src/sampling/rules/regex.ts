import { RE2JS } from 're2js';

/** A regular expression of Go: RE2. Undefined for an invalid one. */
export function regexOf(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}
