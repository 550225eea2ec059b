export interface StackFrame {
  readonly path: string;
  readonly line: number;
  readonly label: string;
}

/** One exception of a stack trace; its type and message where the trace says them. */
export interface TracedException {
  readonly type?: string;
  readonly message?: string;
  /** Innermost first. */
  readonly frames: readonly StackFrame[];
}

/** The patterns below may look at a line of n characters n² times; real frames are shorter and fewer than this. */
const MAX_LINE = 512;
const MAX_LINES = 400;

const V8_OR_JAVA = /^\s+at (?:(?<label>[^(]*?) ?\()?(?<path>[^()]*?)(?::(?<line>\d+))?(?::\d+)?\)?$/;
const PYTHON = /^\s+File "(?<path>[^"]*)", line (?<line>\d+)(?:, in (?<label>.*))?$/;
/** Java's words for the exception that caused the one before, and Node's. */
const CAUSED_BY = /^\s*(?:Caused by:|\[cause\]:) (?<named>.*)$/;
/** Python's words between an exception and the one that followed from it. */
const FOLLOWED_BY =
  /^(?:During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception):$/;

/**
 * The exceptions of a stack trace of JavaScript, Java or Python: the one that was reported, then what caused it, then what
 * caused that. Lines of any other form are not frames.
 */
export function readStackTrace(text: string): readonly TracedException[] {
  const lines = text.split('\n', MAX_LINES).filter((line) => line.length <= MAX_LINE);
  return lines.some((line) => PYTHON.test(line)) ? ofPython(lines) : ofJavaScriptOrJava(lines);
}

function ofJavaScriptOrJava(lines: readonly string[]): TracedException[] {
  const found: { named: string; frames: StackFrame[] }[] = [{ named: '', frames: [] }];
  for (const each of lines) {
    // Where an error has properties of its own, its cause among them, Node opens a brace after the last frame.
    const line = each.replace(/ \{$/, '');
    const cause = CAUSED_BY.exec(line)?.groups?.named;
    const frame = frameOf(V8_OR_JAVA.exec(line));
    if (cause !== undefined) found.push({ named: cause, frames: [] });
    else if (frame !== undefined) found.at(-1)?.frames.push(frame);
  }
  return found.map(({ named, frames }) => ({ ...typeAndMessage(named), frames }));
}

/** The last one is the one reported, and the last frame of each is its innermost. */
function ofPython(lines: readonly string[]): TracedException[] {
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

/** `java.io.IOException: gone` in its two parts. */
function typeAndMessage(named: string): { type?: string; message?: string } {
  const { type, message } = /^(?<type>[\p{L}\p{N}_.$]+)(?:: (?<message>.*))?$/u.exec(named)?.groups ?? {};
  return { ...(type !== undefined && { type }), ...(message !== undefined && { message }) };
}
