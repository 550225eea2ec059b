import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileErrorWords } from '../../../lib/text/file-error.ts';
import { CliError } from '../client/explorer-client.ts';

/** A new folder for temporary files. @throws CliError that names TMPDIR */
export function temporaryFolder(name: string): string {
  try {
    return mkdtempSync(join(tmpdir(), name));
  } catch (error) {
    throw tmpdirProblem(error);
  }
}

/** The error for a temporary file that cannot be written. */
export function tmpdirProblem(error: unknown): CliError {
  const words = fileErrorWords(error) ?? String(error);
  const message = `Temporary files cannot be written to ${tmpdir()}: ${words}. Set TMPDIR to a folder with room that this user may write to.`;
  return new CliError(message, { cause: error });
}
