import { problems } from '../../errors.ts';

/** The end of a list's page, as an opaque text for a URL. */
export function encodeCursor(...parts: readonly unknown[]): string {
  return Buffer.from(parts.join(' ')).toString('base64url');
}

/** The parts of a cursor: the groups of a pattern. @throws BAD_CURSOR for a text that is not a cursor */
export function decodeCursor(text: string, pattern: RegExp): string[] {
  const [, ...parts] = pattern.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (parts.length === 0) throw problems.BAD_CURSOR();
  return parts;
}
