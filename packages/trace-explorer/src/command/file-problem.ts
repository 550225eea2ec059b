import { CliError } from './explorer-client.ts';

/**
 * What a person is told of a file that a command cannot read or write: its name, what is wrong, and what to do.
 * @param error of the file system, or of what read the content
 */
export function fileProblem(path: string, error: unknown, doing: 'read' | 'written' = 'read'): CliError {
  return new CliError(`${path}${reasonOf(error, doing)}`, { cause: error });
}

function reasonOf(error: unknown, doing: 'read' | 'written'): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SyntaxError) return ` is not JSON: ${message}`;
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'ENOENT':
      return doing === 'read'
        ? ' is not there: look at its name, and at the folder that it is looked for in.'
        : ' cannot be written, as its folder is not there: make that first.';
    case 'ENOTDIR':
      return ` cannot be ${doing}: a part of its path is a file, and no folder.`;
    case 'EISDIR':
      return doing === 'read' ? ' is a folder: name the files in it.' : ' is a folder: name a file in it.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return ` may not be ${doing}: look at its permissions, and at those of its folder.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return ' cannot be written: the disk is full.';
    default:
      return `: ${message}`;
  }
}
