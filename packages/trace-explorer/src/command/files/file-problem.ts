import { fileErrorWords } from '../../http/file-error.ts';
import { CliError } from '../client/explorer-client.ts';

/**
 * What a person is told of a file that a command cannot read or write: its name and what is wrong.
 * @param error of the file system, or of what read the content
 */
export function fileProblem(path: string, error: unknown, doing: 'read' | 'written' = 'read'): CliError {
  const words = fileErrorWords(error);
  const message = error instanceof Error ? error.message : String(error);
  const isJson = error instanceof SyntaxError ? ' is not JSON' : '';
  const reason = words === undefined ? `${isJson}: ${message}` : ` cannot be ${doing}: ${words}.`;
  return new CliError(`${path}${reason}`, { cause: error });
}
