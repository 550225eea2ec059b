import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readEnvFile } from '@tandem/telemetry/workspace/env-file';
import { ROOT } from '../../tools/root.ts';
import { askNoProxyForLoopback } from './processes/loopback.ts';

const PATH = join(ROOT, '.env');

/**
 * The text of the root's `.env`; undefined when there is none.
 * @throws Error saying what to do when the file cannot be read, is not UTF-8 (PowerShell's `>>` writes UTF-16), or has no line ends
 */
export function readDotEnv(path = PATH): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readEnvFile(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Error(`${path} cannot be read: ${error.message}. It is a file: cp .env.example .env.`);
  }
}

/** Loads the root's `.env`, if there is one. Variables of the shell win. Loopback is never asked of a proxy. @throws Error as `readDotEnv` */
export function loadDotEnv(path = PATH): void {
  for (const [name, value] of Object.entries(parseEnv(readDotEnv(path) ?? ''))) process.env[name] ??= value;
  askNoProxyForLoopback(process.env);
}
