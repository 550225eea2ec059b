/** A place in code as spans name it: the file as the command's folder sees it. */
export interface CodePlace {
  readonly file: string;
  readonly line?: number;
  /** Of a bundle. */
  readonly column?: number;
  readonly function?: string;
}

/**
 * The parts of a span's line of code.
 * @param line as `span-columns.ts` writes it @param called the function
 * @example codePlace('src/orders.js:31', 'withUsers') // { file: 'src/orders.js', line: 31, function: 'withUsers' }
 */
export function codePlace(line: string, called: string | undefined): CodePlace {
  const name = ` in ${called}`;
  const at = line.endsWith(name) ? line.slice(0, -name.length) : line;
  const [, file = at, row, column] = /^(.+?):(\d+)(?::(\d+))?$/.exec(at) ?? [];
  return {
    file,
    ...(row !== undefined && { line: Number(row) }),
    ...(column !== undefined && { column: Number(column) }),
    ...(called !== undefined && { function: called }),
  };
}
