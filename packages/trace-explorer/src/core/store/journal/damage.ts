import type { FoundRecords } from './record.ts';
import {
  ANY_VERSION,
  END,
  HEADER_BYTES,
  MARK,
  OLD_HEADER_BYTES,
  OLD_MARK,
  readHeader,
  withoutZeros,
} from './record.ts';

/**
 * Whether the bytes after the last record show that another one is lost there. A killed process leaves nothing, or one record that was
 * not written up to its end, and zeros; and what has no mark and no end of a record is none of ours.
 */
export function isDamaged({ tail, torn }: Pick<FoundRecords, 'tail' | 'torn'>): boolean {
  if (torn !== undefined || isBegun(tail)) return false;
  return [MARK, OLD_MARK, END].some((mark) => tail.includes(mark));
}

/** Whether nothing in the file is a record of ours, whole or damaged. */
export function isForeign(found: FoundRecords): boolean {
  const { records, lost, torn, tail } = found;
  return records.length + lost.length === 0 && torn === undefined && !isBegun(tail) && !isDamaged(found);
}

/** Whether the bytes are the beginning of a record, up to its header, or of one of the version before, up to its end. */
function isBegun(tail: Buffer): boolean {
  const written = withoutZeros(tail);
  if (written < HEADER_BYTES && beginsWith(tail, MARK, written)) return true;
  if (!beginsWith(tail, OLD_MARK, written) || tail.indexOf(ANY_VERSION, 1) >= 0) return false;
  if (written < OLD_HEADER_BYTES) return true;
  const { nameBytes, bodyBytes } = readHeader(tail);
  return written < OLD_HEADER_BYTES + nameBytes + bodyBytes;
}

function beginsWith(tail: Buffer, mark: Buffer, written: number): boolean {
  const length = Math.min(written, mark.byteLength);
  return tail.subarray(0, length).equals(mark.subarray(0, length));
}
