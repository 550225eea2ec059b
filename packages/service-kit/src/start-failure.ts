import { ConfigError } from './config.ts';

/** Honeycomb's keys with a prefix, and what is as long as those without one, of letters and digits: no word is. */
const KEY_LIKE = /\bhc[a-z]{3}_\w+|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/g;

/** A foreign text, such as a path, for a message: what looks like a key that somebody pasted there is `***`. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, '***');
}

/** Why a process does not start: one line that names the variable to look at; a stack only where the cause is unknown. */
export function explainStartFailure(error: unknown): string {
  if (error instanceof ConfigError) return withoutKeys(error.message);
  if (!(error instanceof Error)) return String(error);
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  const message = withoutKeys(error.message);
  if (code.startsWith('ERR_PARSE_ARGS')) return message;
  if (syscall === 'listen' || syscall === 'bind') return `${message}; see HOST and PORT.`;
  if (syscall === 'getaddrinfo') return `${message}; see HOST and DATABASE_URL.`;
  if (syscall !== undefined || 'errcode' in error) return `${message}; see DATA_DIR.`;
  return error.stack ?? message;
}
