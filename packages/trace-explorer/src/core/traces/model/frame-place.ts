/** Where a frame is: `src/find.ts:2`, of an absolute path the last two parts, and the function where the frame names it. */
export interface FramePlace {
  readonly line: string;
  readonly called?: string;
}

/** The forms of a frame: Python's, .NET's, those of JavaScript and Java with a function, those without, and Go's. */
const FORMS = [
  /^File "(?<file>[^"]+)", line (?<line>\d+)(?:, in (?<called>\S+))?/,
  /^at (?<called>[^\s(]+)\s?\([^()]*\) in (?<file>\S.*):line (?<line>\d+)$/,
  /^at (?:async )?(?:new )?(?<called>\S[^(]*?) ?\((?<file>[^()]+?):(?<line>\d+)(?::(?<column>\d+))?\)$/,
  /^at (?:async )?(?<file>\S.*?):(?<line>\d+)(?::(?<column>\d+))$/,
  /^(?<file>\S+?):(?<line>\d+)(?: \+0x[0-9a-f]+)?$/,
];
const ABSOLUTE = /^(?:[A-Za-z]:)?[\\/]|^file:/;

/** The place of a frame, as a span's line of code is said; undefined for a frame that names none. */
export function placeOfFrame(frame: string): FramePlace | undefined {
  const { file, line, column, called } = FORMS.map((form) => form.exec(frame)?.groups).find(Boolean) ?? {};
  if (file === undefined || line === undefined) return undefined;
  const isAbsolute = ABSOLUTE.test(file);
  const short = isAbsolute ? file.split(/[\\/]/).slice(-2).join('/') : file;
  const at = `${short}:${line}${column === undefined || isAbsolute ? '' : `:${column}`}`;
  return { line: at, ...(called !== undefined && { called: called.split(' [as ', 1)[0] ?? called }) };
}
