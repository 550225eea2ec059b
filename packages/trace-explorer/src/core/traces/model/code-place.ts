/** A place in code as spans name it: the file as the command's folder sees it, or whole, as senders that know no folder name it. */
export interface CodePlace {
  readonly file: string;
  readonly line?: number;
  /** Of a bundle. */
  readonly column?: number;
  readonly function?: string;
}

/**
 * The parts of a span's line of code.
 * @param line as `span-columns.ts` writes it: `src/orders.js:31`, or `src/orders.js in withUsers` where the line is not known
 * @param called the function
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

/** The forms of a frame: Python's, .NET's, those of JavaScript and Java with a function, those without, and Go's. */
const FORMS = [
  /^File "(?<file>[^"]+)", line (?<line>\d+)(?:, in (?<called>\S+))?/,
  /^at (?<called>[^\s(]+)\s?\([^()]*\) in (?<file>\S.*):line (?<line>\d+)$/,
  /^at (?:async )?(?:new )?(?<called>\S[^(]*?) ?\((?<file>[^()]+?):(?<line>\d+)(?::(?<column>\d+))?\)$/,
  /^at (?:async )?(?<file>\S.*?):(?<line>\d+)(?::(?<column>\d+))$/,
  /^(?<file>\S+?):(?<line>\d+)(?: \+0x[0-9a-f]+)?$/,
];
const ABSOLUTE = /^(?:[A-Za-z]:)?[\\/]/;

/** Whether a file is named whole, and not from a folder. */
export function isAbsoluteFile(file: string): boolean {
  return ABSOLUTE.test(file);
}

/**
 * A file by what is equal in each checkout: of an absolute path the last two parts. For what tells problems apart, and for no reader.
 * @example fileKey('/home/ann/shop/orders.js') // 'shop/orders.js'
 */
export function fileKey(file: string): string {
  return isAbsoluteFile(file) ? (/[^\\/]*[\\/][^\\/]*$/.exec(file)?.[0] ?? file) : file;
}

/** The place of a frame of a stack; undefined for a frame that names none. */
export function placeOfFrame(frame: string): CodePlace | undefined {
  const { file, line, column, called } = FORMS.map((form) => form.exec(frame)?.groups).find(Boolean) ?? {};
  if (file === undefined || line === undefined) return undefined;
  const path = pathOf(file);
  return {
    file: path,
    line: Number(line),
    ...(column !== undefined && !isAbsoluteFile(path) && { column: Number(column) }),
    ...(called !== undefined && { function: called.split(' [as ', 1)[0] ?? called }),
  };
}

/** The path of a file that may be named by its URL. */
function pathOf(file: string): string {
  if (!file.startsWith('file:')) return file;
  const path = file.replace(/^file:(?:\/\/[^/]*)?(?:\/(?=[A-Za-z]:))?/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // no URL, though it looks like one
  }
}

type Place = { readonly [Part in keyof CodePlace]?: CodePlace[Part] | undefined };

/** A place in code as people read it: `src/orders.js:31`, or `src/orders.js in withUsers` without a line; empty without a file. */
export function placeText({ file, line, column, function: called }: Place): string {
  if (file === undefined) return '';
  if (line === undefined) return called === undefined ? file : `${file} in ${called}`;
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/** The members of a place, of what may have one. */
export function placeIn({ file, line, column, function: called }: Place): Partial<CodePlace> {
  return {
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(called !== undefined && { function: called }),
  };
}

/** The place that most of some name. */
export function placeOfMost(places: readonly CodePlace[]): CodePlace | undefined {
  const byText = [...Map.groupBy(places, placeText).values()];
  return byText.toSorted((a, b) => b.length - a.length)[0]?.[0];
}
