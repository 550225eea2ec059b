/** The start of a frame in JavaScript, Java and .NET; in Python; and in Go, where the position has a line of its own. */
const FRAME = /^\s*(?:at\s|File ")|^\t+\S+:\d+/;
const LIBRARY =
  /node_modules|\bnode:|\(internal\/|site-packages|dist-packages|\/lib\/python|<frozen |\/pkg\/mod\/|\/go\/src\/|\bat (?:java|javax|jdk|sun|kotlin|scala|org\.springframework|org\.apache|io\.netty|System|Microsoft)\./;

/**
 * Divides a stack trace into own frames and frames of libraries. Frames keep their order. Lines after a frame (Python's source)
 * stay with the frame.
 */
export function readStack(text: string) {
  const head: string[] = [];
  const frames: string[] = [];
  for (const line of text.split('\n')) {
    if (FRAME.test(line)) frames.push(line);
    else if (frames.length > 0 && /^\s/.test(line)) frames.push(`${frames.pop()}\n${line}`);
    else if (line.trim() !== '') head.push(line);
  }
  return {
    /** The exception and its message. */
    head: head.join('\n'),
    own: frames.filter((frame) => !LIBRARY.test(frame)),
    library: frames.filter((frame) => LIBRARY.test(frame)),
  };
}
