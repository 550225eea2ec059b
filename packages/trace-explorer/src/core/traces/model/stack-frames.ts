/**
 * The start of a frame in JavaScript, Java and .NET; in Python; and in Go, where the position has a line of its own. A pattern
 * of RE2.
 */
export const FRAME = String.raw`^\s*(?:at\s|File ")|^\t+\S+:\d+`;
/** A part of a frame of a library. A pattern of RE2. */
export const LIBRARY = String.raw`node_modules|\bnode:|\(internal/|site-packages|dist-packages|/lib/python|<frozen |/pkg/mod/|/go/src/|\bat (?:java|javax|jdk|sun|kotlin|scala|org\.springframework|org\.apache|io\.netty|System|Microsoft)\.`;

/**
 * Divides a stack trace into own frames and frames of libraries. Frames keep their order. Lines after a frame (Python's source)
 * stay with the frame.
 */
export function readStack(text: string) {
  const [frame, library] = [new RegExp(FRAME), new RegExp(LIBRARY)];
  const head: string[] = [];
  const frames: string[] = [];
  for (const line of text.split('\n')) {
    if (frame.test(line)) frames.push(line);
    else if (frames.length > 0 && /^\s/.test(line)) frames.push(`${frames.pop()}\n${line}`);
    else if (line.trim() !== '') head.push(line);
  }
  return {
    /** The exception and its message. */
    head: head.join('\n'),
    own: frames.filter((each) => !library.test(each)),
    library: frames.filter((each) => library.test(each)),
  };
}

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
