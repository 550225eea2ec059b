import type { LostRows } from './damage.ts';
import { isTorn, lostAfter } from './damage.ts';
import type { JournalRecord } from './record.ts';
import { ANY_VERSION, findRecords, lengthOf } from './record.ts';

/**
 * Length of a segment. A segment's file has this length from the beginning, with zeros that take no room on the disk.
 * A shorter file was cut. A larger batch has a longer segment to itself.
 */
export const SEGMENT_BYTES = 8 * 1024 * 1024;

/** What the file of a segment has. */
export interface SegmentScan<Rows extends LostRows = JournalRecord> {
  /** Its whole records, in their order. */
  readonly records: readonly Rows[];
  /** Damaged records behind them. The header of such a record still says which rows it had. */
  readonly lost: readonly LostRows[];
  /** Whether it ends otherwise than a killed process leaves it, so that rows at its end may be lost. */
  readonly hasBadEnd: boolean;
}

/** Reads the bytes of a segment's file. */
export function scanSegment(bytes: Buffer) {
  const { records, tail } = findRecords(bytes);
  /** Up to the last whole record. */
  const wholeBytes = bytes.byteLength - tail.byteLength;
  const last = records.at(-1);
  const nextSeq = last && last.seq + last.rows;
  const hasBadEnd = bytes.byteLength < SEGMENT_BYTES || !isTorn(tail, nextSeq, wholeBytes);
  const lost = hasBadEnd ? lostAfter(tail, nextSeq) : [];
  return {
    records,
    lost,
    hasBadEnd,
    wholeBytes,
    isDamaged: hasBadEnd || lengthOf(records) < wholeBytes,
    /** Whether nothing in it is a record of this version, whole or damaged. */
    isUnknown: records.length + lost.length === 0 && !isTorn(tail),
    isOfOtherVersion: tail.subarray(0, ANY_VERSION.byteLength).equals(ANY_VERSION),
  } satisfies SegmentScan & Record<string, unknown>;
}

/** Rows that a segment has lost, by its number among the scans. */
export interface SegmentLoss {
  readonly at: number;
  /** 0 where rows at its end may be lost. */
  readonly rows: number;
  /** Whether further rows may be lost, whose headers cannot be read either. */
  readonly isLeast: boolean;
}

/**
 * What segments have lost: rows from `fromSeq` on that no whole record has. Where the end of a segment cannot be read, the next
 * one shows how many. A torn record was never acknowledged.
 * @param scans oldest first
 */
export function lossesOf(scans: readonly SegmentScan<LostRows>[], fromSeq: number): SegmentLoss[] {
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
    for (const record of lost) {
      rows += Math.max(0, record.seq + record.rows - end);
      end = endOf(record, end);
    }
    if (rows > 0) losses.push({ at: doubtful ?? at, rows, isLeast: lost.length > 0 });
    if (records.length > 0 || rows > 0) doubtful = undefined;
    if (rows === 0 && hasBadEnd) doubtful = at;
  }
  return doubtful === undefined ? losses : [...losses, { at: doubtful, rows: 0, isLeast: false }];
}

/** All rows of a record, and those before `end`, are below. */
export function endOf({ seq, rows }: LostRows, end: number): number {
  return Math.max(end, seq + rows);
}
