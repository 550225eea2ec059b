/** Bytes of one line. The explorer takes documents of up to 80 MiB. */
const MOST_LINE = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The lines of a body, read no faster than they are taken. @throws RangeError for a line of more than 32 MiB */
export async function* linesOf(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<string> {
  let [parts, size]: [Uint8Array[], number] = [[], 0];
  for await (const chunk of body) {
    onBytes(chunk.byteLength);
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, to)]).toString();
      [parts, size, from] = [[], 0, to + 1];
    }
    if (from < chunk.byteLength) parts.push(chunk.subarray(from));
    size += chunk.byteLength - from;
    if (size > MOST_LINE) throw new RangeError(`a row has more than ${MOST_LINE / 2 ** 20} MiB`);
  }
  if (size > 0) yield Buffer.concat(parts).toString();
}
