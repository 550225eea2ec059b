import { fileErrorWords } from '../../../lib/text/file-error.ts';
import { CliError } from '../client/explorer-client.ts';

/**
 * The error for a file that a command cannot read or write: the file's name and the reason.
 * @param error of the file system, or of the reader of the content
 */
export function fileProblem(path: string, error: unknown, doing: 'read' | 'written' = 'read'): CliError {
  const words = fileErrorWords(error);
  const message = error instanceof Error ? error.message : String(error);
  const isJson = error instanceof SyntaxError ? ' is not JSON' : '';
  const reason = words === undefined ? `${isJson}: ${message}` : ` cannot be ${doing}: ${words}.`;
  return new CliError(`${path}${reason}`, { cause: error });
}
