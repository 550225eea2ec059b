export interface StackFrame {
  readonly path: string;
  readonly line: number;
  readonly label: string;
}

/** One exception of a stack trace; its type and message when the trace has them. */
export interface TracedException {
  readonly type?: string;
  readonly message?: string;
  /** Innermost first. */
  readonly frames: readonly StackFrame[];
}

/** Longest line. The patterns below may take n² steps for a line of n characters, and real frames are shorter. */
const MAX_LINE = 512;
const MAX_LINES = 400;

const V8_OR_JAVA = /^\s+at (?:(?<label>[^(]*?) ?\()?(?<path>[^()]*?)(?::(?<line>\d+))?(?::\d+)?\)?$/;
const PYTHON = /^\s+File "(?<path>[^"]*)", line (?<line>\d+)(?:, in (?<label>.*))?$/;
/** The words of Java and of Node before the cause of the previous exception. */
const CAUSED_BY = /^\s*(?:Caused by:|\[cause\]:) (?<named>.*)$/;
/** Python's words between an exception and the one that followed from it. */
const FOLLOWED_BY =
  /^(?:During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception):$/;

/**
 * The exceptions of a stack trace of JavaScript, Java or Python: the reported one, then its cause, then the cause of the cause.
 * Lines of any other form are not frames.
 */
export function readStackTrace(text: string): readonly TracedException[] {
  const lines = text.split('\n', MAX_LINES).filter((line) => line.length <= MAX_LINE);
  return lines.some((line) => PYTHON.test(line)) ? readPython(lines) : readJavaScriptOrJava(lines);
}

function readJavaScriptOrJava(lines: readonly string[]): TracedException[] {
  const found: { named: string; frames: StackFrame[] }[] = [{ named: '', frames: [] }];
  for (const each of lines) {
    // Node opens a brace after the last frame of an error with properties of its own, such as a cause.
    const line = each.replace(/ \{$/, '');
    const cause = CAUSED_BY.exec(line)?.groups?.named;
    const frame = frameOf(V8_OR_JAVA.exec(line));
    if (cause !== undefined) found.push({ named: cause, frames: [] });
    else if (frame !== undefined) found.at(-1)?.frames.push(frame);
  }
  return found.map(({ named, frames }) => ({ ...typeAndMessage(named), frames }));
}

/** In Python the last exception is the reported one, and the last frame of each exception is its innermost. */
function readPython(lines: readonly string[]): TracedException[] {
  const found: { named: string; frames: StackFrame[] }[] = [{ named: '', frames: [] }];
  for (const line of lines) {
    const frame = frameOf(PYTHON.exec(line));
    const current = found.at(-1);
    if (FOLLOWED_BY.test(line)) found.push({ named: '', frames: [] });
    else if (frame !== undefined) current?.frames.unshift(frame);
    else if (current !== undefined && current.named === '' && current.frames.length > 0 && /^\S/.test(line)) {
      current.named = line;
    }
  }
  return found.reverse().map(({ named, frames }) => ({ ...typeAndMessage(named), frames }));
}

function frameOf(match: RegExpExecArray | null): StackFrame | undefined {
  const groups = match?.groups;
  return groups && { path: groups.path ?? '', line: Number(groups.line ?? 0), label: groups.label ?? '' };
}

/** The two parts of `java.io.IOException: gone`. */
function typeAndMessage(named: string): { type?: string; message?: string } {
  const { type, message } = /^(?<type>[\p{L}\p{N}_.$]+)(?:: (?<message>.*))?$/u.exec(named)?.groups ?? {};
  return { ...(type !== undefined && { type }), ...(message !== undefined && { message }) };
}
