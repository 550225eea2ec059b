/** A journal's file of whole records, and the first byte of each, with the end of the last. */
export interface WholeJournal {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

/** What can be wrong with a file of the journal, and what the explorer promises then: for tests, and for docs/reference/limits.md. */
interface BadJournal {
  readonly damage: string;
  /** What comes of it, as a reader asks. */
  readonly outcome: string;
  /** How many of the records are lost. */
  readonly lost: (records: number) => number;
  /** Whether a notice, the log and the counts say so. */
  readonly isSaid: boolean;
  /** Whether the last record was acknowledged; default true. */
  readonly isAcknowledged?: boolean;
  readonly change: (whole: WholeJournal) => Buffer;
}

/** Bytes of a record before its body, and where the length of the body is among them. */
const [HEADER_BYTES, LENGTH_AT] = [40, 12];

const SAID =
  'the readable records are stored; a notice, the log and `dropped` count the rows of the others as far as their headers can be read ("at least 3,000 rows" where one cannot)';

export const BAD_JOURNALS: readonly BadJournal[] = [
  {
    damage: 'a wrong byte in each record',
    outcome: SAID,
    lost: (records) => records,
    isSaid: true,
    change: (whole) => changed(whole, 0, (bytes, start) => flip(bytes, start + HEADER_BYTES + 9)),
  },
  {
    damage: 'a wrong byte in the first record',
    outcome: 'the same',
    lost: () => 1,
    isSaid: true,
    change: ({ bytes, starts }) =>
      changed({ bytes, starts: starts.slice(0, 2) }, 0, (copy, start) =>
        flip(copy, start + HEADER_BYTES + 9),
      ),
  },
  {
    damage: 'a wrong byte in the last record',
    outcome: 'the same',
    lost: () => 1,
    isSaid: true,
    change: (whole) => changed(whole, -2, (bytes, start) => flip(bytes, start + HEADER_BYTES + 9)),
  },
  {
    damage: 'a wrong byte in the header of the last record, such as in its length',
    outcome: 'the same',
    lost: () => 1,
    isSaid: true,
    change: (whole) => changed(whole, -2, (bytes, start) => flip(bytes, start + LENGTH_AT + 2)),
  },
  {
    damage: 'marks of records that became zeros',
    outcome: 'nothing is lost: the checksums of a record tell it without its mark',
    lost: () => 0,
    isSaid: false,
    change: (whole) => changed(whole, 0, (bytes, start) => bytes.fill(0, start, start + 4)),
  },
  {
    damage: 'a record twice, or in another order, or bytes after the last record that are none',
    outcome: 'nothing is lost: each record is stored once, in its order',
    lost: () => 0,
    isSaid: false,
    change: ({ bytes, starts }) => {
      const copy = Buffer.from(bytes);
      bytes.copy(copy, starts.at(-1), starts[1], starts[2]);
      return copy;
    },
  },
  {
    damage: 'one beginning of a record at the end, as `kill -9` leaves it',
    outcome: 'nothing is said: the record was never acknowledged',
    lost: () => 1,
    isSaid: false,
    isAcknowledged: false,
    change: ({ bytes, starts }) => Buffer.from(bytes).fill(0, (starts.at(-2) ?? 0) + HEADER_BYTES + 20),
  },
  {
    damage: 'zeros from a place in the file to its end',
    outcome: 'the same as for a wrong byte: `explorer.acknowledged` has how far senders had an answer',
    lost: () => 2,
    isSaid: true,
    change: ({ bytes, starts }) => Buffer.from(bytes).fill(0, starts.at(-3)),
  },
];

/** A copy with a change at each record from one on. */
function changed(
  { bytes, starts }: WholeJournal,
  from: number,
  change: (bytes: Buffer, start: number) => void,
): Buffer {
  const copy = Buffer.from(bytes);
  for (const start of starts.slice(from, -1)) change(copy, start);
  return copy;
}

function flip(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
}
