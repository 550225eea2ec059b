import { isDamaged, isForeign } from './damage.ts';
import type { JournalRecord, Rows } from './record.ts';
import { ANY_VERSION, findRecords } from './record.ts';

/**
 * Length of a segment. A segment's file has this length from the beginning, with zeros that take no room on the disk.
 * A shorter file was cut. A larger batch has a longer segment to itself.
 */
export const SEGMENT_BYTES = 8 * 1024 * 1024;

/** What the file of a segment has. */
export interface SegmentScan<Records extends Rows = JournalRecord> {
  /** Its whole records, in the order of their rows. */
  readonly records: readonly Records[];
  /** Damaged records. The header of such a record still says which rows it had. */
  readonly lost: readonly Rows[];
  /** Whether it ends otherwise than a killed process leaves it, so that rows at its end may be lost. */
  readonly hasBadEnd: boolean;
}

/** Reads the bytes of a segment's file. @param segmentBytes its length, if it was not cut */
export function scanSegment(bytes: Buffer, segmentBytes: number) {
  const found = findRecords(bytes);
  const { torn, tail, hasGap } = found;
  const isCut = bytes.byteLength < segmentBytes;
  const lost = isCut && torn !== undefined ? [...found.lost, torn] : found.lost;
  const hasBadEnd = isCut || isDamaged(found);
  return {
    records: found.records.toSorted((a, b) => a.seq - b.seq),
    lost: lost.toSorted((a, b) => a.seq - b.seq),
    hasBadEnd,
    /** Up to the last record. */
    wholeBytes: bytes.byteLength - tail.byteLength,
    isDamaged: hasBadEnd || hasGap || lost.length > 0,
    isUnknown: isForeign(found),
    isOfOtherVersion: tail.subarray(0, ANY_VERSION.byteLength).equals(ANY_VERSION),
  } satisfies SegmentScan & Record<string, unknown>;
}

/** Rows that a segment has lost, by its number among the scans; -1 where there is none. */
export interface SegmentLoss {
  readonly at: number;
  /** 0 where rows at its end may be lost. */
  readonly rows: number;
  /** Whether further rows may be lost, whose headers cannot be read either. */
  readonly isLeast: boolean;
}

/**
 * What segments have lost: rows from `fromSeq` on that no whole record has. Where the end of a segment cannot be read, the next
 * one shows how many, and of the last one what was acknowledged. A torn record was not.
 * @param scans oldest first @param acknowledged all rows that senders had an answer for are below; 0 where nobody knows
 */
export function lossesOf(
  scans: readonly SegmentScan<Rows>[],
  fromSeq: number,
  acknowledged = 0,
): SegmentLoss[] {
  const losses: SegmentLoss[] = [];
  let end = fromSeq;
  /** The segment with an unreadable end, until another one shows whether rows are lost. */
  let doubtful: number | undefined;
  for (const [at, { records, lost, hasBadEnd }] of scans.entries()) {
    let rows = 0;
    for (const record of records) {
      rows += Math.max(0, record.seq - end);
      end = endOf(record, end);
    }
    const wholeEnd = end;
    for (const record of lost) {
      rows += Math.max(0, record.seq + record.rows - end);
      end = endOf(record, end);
    }
    if (rows > 0) losses.push({ at: doubtful ?? at, rows, isLeast: end > wholeEnd && hasBadEnd });
    if (records.length > 0 || rows > 0) doubtful = undefined;
    if (rows === 0 && hasBadEnd) doubtful = at;
  }
  const missing = Math.max(0, acknowledged - end);
  if (missing === 0)
    return doubtful === undefined ? losses : [...losses, { at: doubtful, rows: 0, isLeast: false }];
  const at = doubtful ?? scans.length - 1;
  const others = losses.filter((loss) => loss.at !== at);
  const rows = losses.reduce((sum, loss) => sum + (loss.at === at ? loss.rows : 0), missing);
  // After a power cut, more may have been acknowledged.
  return [...others, { at, rows, isLeast: true }];
}

/** All rows of a record, and those before `end`, are below. */
export function endOf({ seq, rows }: Rows, end: number): number {
  return Math.max(end, seq + rows);
}
