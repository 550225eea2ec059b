/** Characters of a piece, and of a text that is written in one go. */
const PIECE_LENGTH = 64 * 1024;

/**
 * What JSON.stringify makes of plain data, piece by piece: a span of 60 MiB is never there as a whole text beside itself.
 * @example reply.type('application/json').send(Readable.from(jsonPieces(span)));
 */
export function* jsonPieces(value: unknown): Generator<string, void> {
  let piece = '';
  for (const text of textsOf(value)) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* textsOf(value: unknown): Generator<string, void> {
  if (typeof value === 'string' && value.length > PIECE_LENGTH) yield* slicesOf(value);
  else if (typeof value !== 'object' || value === null) yield JSON.stringify(value) ?? 'null';
  else if (Array.isArray(value)) {
    yield '[';
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ',';
      yield* textsOf(item);
    }
    yield ']';
  } else {
    let mark = '{';
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield `${mark}${JSON.stringify(name)}:`;
      yield* textsOf(member);
      mark = ',';
    }
    yield mark === '{' ? '{}' : '}';
  }
}

/** A long text in quotes; the halves of a surrogate pair stay together. */
function* slicesOf(text: string): Generator<string, void> {
  yield '"';
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + PIECE_LENGTH, text.length);
    const last = text.charCodeAt(to - 1);
    if (last >= 0xd800 && last <= 0xdbff && to < text.length) to++;
    yield JSON.stringify(text.slice(from, to)).slice(1, -1);
    from = to;
  }
  yield '"';
}
