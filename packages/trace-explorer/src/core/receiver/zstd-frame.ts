/** First bytes of a frame, and of a frame that has no data: the last four bits of the second may be any. */
const [MAGIC, SKIPPABLE_MAGIC] = [0xfd2fb528, 0x184d2a50];
const [MAGIC_BYTES, BLOCK_HEADER_BYTES, CHECKSUM_BYTES] = [4, 3, 4];
/** Type of a block that has one byte, which is repeated. */
const REPEATED = 1;

/**
 * The position behind the zstd frame that begins at `at` (RFC 8878, section 3.1). Node 22 unpacks a frame that is cut off
 * without an error.
 * @throws Error when no frame begins there, or the frame does not end within the body
 */
export function zstdFrameEnd(body: Buffer, at: number): number {
  try {
    const end = frameEnd(body, at);
    if (end <= body.byteLength) return end;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a number lies behind the end of the body
  }
  throw new Error('unexpected end of file');
}

function frameEnd(body: Buffer, start: number): number {
  const magic = body.readUInt32LE(start);
  let at = start + MAGIC_BYTES;
  if ((magic & ~0xf) === SKIPPABLE_MAGIC) return at + 4 + body.readUInt32LE(at);
  if (magic !== MAGIC) throw new Error('there is no frame');
  const descriptor = body.readUInt8(at);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const windowBytes = isSingleSegment ? 0 : 1;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  at += 1 + windowBytes + dictionaryIdBytes + contentSizeBytes;
  for (let isLast = false; !isLast; ) {
    const block = body.readUIntLE(at, BLOCK_HEADER_BYTES);
    isLast = (block & 1) === 1;
    at += BLOCK_HEADER_BYTES + (((block >> 1) & 3) === REPEATED ? 1 : block >> 3);
  }
  return at + ((descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0);
}
