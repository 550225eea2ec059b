const LINE_FEED = 0x0a;
const SPACE = 0x20;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Finds the begins and ends of the documents in a file of JSON objects. A document may take one line or many. A line break between `}`
 * and `{` always separates two documents, because a text in JSON has no line break. Nothing of the file is kept in memory,
 * however long its lines are.
 * @param chunks the file's bytes, in order
 * @returns the first byte of each document and the first byte after it; without documents, the whole file
 */
export async function* documentPlaces(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly from: number; readonly to: number }, void> {
  let from = 0;
  let at = 0;
  let last = 0;
  let isNewLine = false;
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      if (byte === LINE_FEED) isNewLine = true;
      else if (byte > SPACE) {
        if (isNewLine && byte === OPEN_OBJECT && last === CLOSE_OBJECT) {
          yield { from, to: at };
          from = at;
        }
        last = byte;
        isNewLine = false;
      }
      at++;
    }
  }
  yield { from, to: at };
}
