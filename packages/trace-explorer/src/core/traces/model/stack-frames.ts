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
