import { gunzipSync } from 'node:zlib';
import { HEADER_BYTES, MARK, readHeader } from './record.ts';

/** Most rows of one request; see the receiver's limits. */
const MOST_ROWS = 16_777_216;
/** The first byte of OTLP in protobuf: of its list of resources. */
const FIRST_FIELD = 0x0a;
/** Bytes that a disk writes at once. */
const SECTOR_BYTES = 512;
/** The byte of a header that is always zero. */
const UNUSED_BYTE = 9;
/** Rows by which a readable header may be ahead of the last whole record: more than a full journal has. */
const MOST_AHEAD = 1_000_000_000;
/** Zeros with which a whole body may end: those of gzip's length, or of a number in OTLP. */
const MOST_OWN_ZEROS = 3;
/** The last bytes of OTLP messages that end with zeros of their own: an empty status, the flags of a span and of a log record. In hexadecimal. */
const OWN_ENDS = [/7a00$/, /8501.{4}0000$/, /45..000000$/];

/** Rows of a damaged record. */
export interface LostRows {
  readonly seq: number;
  readonly rows: number;
}

/**
 * Whether the bytes after the last whole record are what a killed process leaves: nothing, or one beginning of a record, and
 * then zeros to the end of the file. Everything else was acknowledged, and is damage.
 * @param seq of the record that comes next, where it is known @param at where the bytes are in the file
 */
export function isTorn(tail: Buffer, seq?: number, at = 0): boolean {
  const written = withoutZeros(tail);
  if (!tail.subarray(0, Math.min(written, MARK.byteLength)).equals(MARK.subarray(0, written))) return false;
  if (written < HEADER_BYTES) return true;
  const header = readHeader(tail);
  if (!isCredible(tail, 0, seq) || (seq !== undefined && header.seq !== seq)) return false;
  const end = HEADER_BYTES + header.nameBytes + header.bodyBytes;
  if (written >= end || laterHeader(tail, 1, header.seq + header.rows) >= 0) return false;
  // A torn record was written up to the end of a sector, where its body may be whole in itself by chance.
  return (at + written) % SECTOR_BYTES === 0 || !endsByItself(tail, written, end);
}

/** The damaged records after the last whole one, as far as their headers can be read. @param seq of the first, if known */
export function lostAfter(tail: Buffer, seq?: number): LostRows[] {
  const lost: LostRows[] = [];
  let next = seq;
  for (let at = seq === undefined ? laterHeader(tail, 0) : 0; at >= 0; ) {
    // A record whose mark is gone still follows the one before.
    if (!isCredible(tail, at, next)) {
      at = laterHeader(tail, at + 1, next);
      continue;
    }
    const header = readHeader(tail.subarray(at));
    lost.push({ seq: header.seq, rows: header.rows });
    next = header.seq + header.rows;
    const end = at + HEADER_BYTES + header.nameBytes + header.bodyBytes;
    // Where the length is damaged too, the next record is somewhere before.
    at = isCredible(tail, end, next) ? end : laterHeader(tail, at + 1, next);
  }
  return lost;
}

/** Where the next credible header with a mark is; -1 for none. */
function laterHeader(bytes: Buffer, from: number, seq?: number): number {
  let at = bytes.indexOf(MARK, from);
  while (at >= 0 && !isCredible(bytes, at, seq)) at = bytes.indexOf(MARK, at + 1);
  return at;
}

/** Whether this can be the header of a record whose first row is the given one, or a later one. */
function isCredible(bytes: Buffer, at: number, from = 1): boolean {
  if (at + HEADER_BYTES > bytes.byteLength || bytes[at + UNUSED_BYTE] !== 0) return false;
  const { signal, rows, received, seq } = readHeader(bytes.subarray(at));
  if (signal === undefined || rows === 0 || rows > MOST_ROWS || !Number.isSafeInteger(received)) return false;
  return seq >= from && (from === 1 ? Number.isSafeInteger(seq) : seq - from <= MOST_AHEAD);
}

/** Whether the body is whole, though its header says that it is longer: then the header is damaged. */
function endsByItself(tail: Buffer, written: number, end: number): boolean {
  const { nameBytes } = readHeader(tail);
  if (end - written <= MOST_OWN_ZEROS && endsWithOwnZeros(tail.subarray(HEADER_BYTES + nameBytes, end)))
    return true;
  // The length of the dataset's name may be what is damaged; most records have no name.
  for (const from of new Set([HEADER_BYTES, HEADER_BYTES + nameBytes]))
    for (let zeros = 0; zeros <= MOST_OWN_ZEROS; zeros++)
      if (written + zeros !== end && isWholeBody(tail.subarray(from, written + zeros))) return true;
  return false;
}

function endsWithOwnZeros(body: Buffer): boolean {
  // Compressed, or damaged at its beginning too.
  if (body[0] !== FIRST_FIELD) return true;
  const last = body.subarray(-8).toString('hex');
  return OWN_ENDS.some((end) => end.test(last));
}

/** Whether gzip, or OTLP's list of resources, ends with the last byte. */
function isWholeBody(body: Buffer): boolean {
  if (isGzip(body)) {
    try {
      gunzipSync(body);
      return true;
    } catch {
      return false;
    }
  }
  let at = 0;
  while (at < body.byteLength) {
    if (body[at++] !== FIRST_FIELD) return false;
    let length = 0;
    for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
      if (at >= body.byteLength || shift > 28) return false;
      byte = body[at++] as number;
      length += (byte & 0x7f) * 2 ** shift;
    }
    // As an empty one would be read what is a byte of the next one, and zeros.
    if (length === 0) return false;
    at += length;
  }
  return at > 0 && at === body.byteLength;
}

function isGzip(body: Buffer): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}

const ZEROS = Buffer.alloc(4096);

/** The bytes up to the last one that is not zero. */
function withoutZeros(bytes: Buffer): number {
  let end = bytes.byteLength;
  while (end >= ZEROS.byteLength && bytes.subarray(end - ZEROS.byteLength, end).equals(ZEROS))
    end -= ZEROS.byteLength;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}
