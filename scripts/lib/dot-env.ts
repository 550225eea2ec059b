import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ROOT } from './root.ts';

/** Byte order marks of Windows' editors and PowerShell, by encoding. */
const BYTE_ORDER_MARKS = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
] as const;

const PATH = join(ROOT, '.env');

/**
 * The text of the root's `.env`, whichever encoding its byte order mark names; undefined when there is none.
 * @throws Error saying what to do with a file that is in two encodings (PowerShell's `>>` adds UTF-16 to any file), with a
 *   folder in its place, and with one that may not be read
 */
export function readDotEnv(path = PATH): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return undefined;
    if (code === 'EISDIR')
      throw new Error(
        `${path} is a folder, as Docker makes one where a file that it should mount is missing. Remove it; the file is ` +
          'made by cp .env.example .env.',
      );
    if (code === 'EACCES' || code === 'EPERM')
      throw new Error(`${path} may not be read by this user. Make it yours: chown "$USER" .env.`);
    throw error;
  }
  const [encoding = 'utf-8'] =
    BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte)) ?? [];
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes('\0'))
    throw new Error(
      `${path} is partly UTF-16, which PowerShell's >> writes. Save it as UTF-8 in an editor, or write its lines again; ` +
        "PowerShell's way is Add-Content -Encoding utf8 .env 'NAME=value'.",
    );
  return text;
}

/** Loads the root's `.env`, if there is one. Variables of the shell win. @throws Error as `readDotEnv` */
export function loadDotEnv(path = PATH): void {
  for (const [name, value] of Object.entries(parseEnv(readDotEnv(path) ?? ''))) process.env[name] ??= value;
}
