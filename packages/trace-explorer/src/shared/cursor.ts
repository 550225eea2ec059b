import { problems } from '../errors.ts';

/** Where a page of a list ended, as an opaque text for a URL. */
export function encodeCursor(...parts: readonly unknown[]): string {
  return Buffer.from(parts.join(' ')).toString('base64url');
}

/** The parts of a cursor, which are the groups of a pattern. @throws BAD_CURSOR for a text that is none */
export function decodeCursor(text: string, pattern: RegExp): string[] {
  const [, ...parts] = pattern.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (parts.length === 0) throw problems.BAD_CURSOR();
  return parts;
}
