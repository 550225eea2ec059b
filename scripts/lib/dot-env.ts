import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describeUnreadable } from '@tandem/telemetry/workspace/env-file';
import { askNoProxyForLoopback } from './processes/loopback.ts';
import { ROOT } from './root.ts';

const PATH = join(ROOT, '.env');

/**
 * The text of the root's `.env`; undefined when there is none.
 * @throws Error saying what to do when the file cannot be read, is not UTF-8 (PowerShell's `>>` writes UTF-16), or has no line ends
 */
export function readDotEnv(path = PATH): string | undefined {
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = new TextDecoder().decode(readFileSync(path)); // drops a byte order mark
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} cannot be read: ${reason}. It is a file: cp .env.example .env.`);
  }
  const problem = describeUnreadable(text);
  if (problem !== undefined) throw new Error(`${path} ${problem}`);
  return text;
}

/** Loads the root's `.env`, if there is one. Variables of the shell win. Loopback is never asked of a proxy. @throws Error as `readDotEnv` */
export function loadDotEnv(path = PATH): void {
  for (const [name, value] of Object.entries(parseEnv(readDotEnv(path) ?? ''))) process.env[name] ??= value;
  askNoProxyForLoopback(process.env);
}
