import { verdictOf } from './errors.ts';
import type { ExportRequest, Signal } from './export-request.ts';
import { itemCount, mapRequest, requestOf } from './export-request.ts';
import type { Damage, JournalRecord } from './journal.ts';
import { RowBuffer } from './rows.ts';
import type { Files } from './store-file.ts';
import type { TableWriter } from './table-writer.ts';

/** Rows of records that are written together. */
const GROUP_ROWS = 4_096;
/** How often a record may fail until it is put aside. */
const MAX_TRIES = 3;

/** What is known of a record that fails, from one try to the next. */
export interface Trial {
  /** Whether each record is written and committed by itself, to find the one that fails. */
  isCareful: boolean;
  /** The first row of the one that failed last, and how often it has. */
  seq: number;
  tries: number;
  error: unknown;
  /** Of all records. */
  failures: number;
}

/** What was acknowledged and is not in the store. */
export interface Losses {
  /** Told of what was put aside, with a sentence for people. */
  readonly onRejected: (items: number, signal: Signal, sentence: string) => void;
  readonly onDamage: (damage: Damage) => void;
}

/** Records that follow each other without a gap. */
interface Group {
  readonly rows: RowBuffer;
  readonly firstSeq: number;
  end: number;
  now: number;
}

/**
 * Writes what the journal has and the database does not, and commits it.
 * @throws the file system's error, when the journal cannot be read; DuckDB's error, after which the file has to be opened anew
 */
export async function replay(
  { journal }: Files,
  table: TableWriter,
  trial: Trial,
  { onRejected, onDamage }: Losses,
): Promise<void> {
  const position = table.committedSeq;
  const isRejected = await journal.rejected();
  let group: Group | undefined;
  const write = async () => {
    if (group === undefined) return;
    const { rows, firstSeq, now } = group;
    group = undefined;
    try {
      await table.append(rows, firstSeq, now, Math.max(0, position - firstSeq));
      if (trial.isCareful) await table.commit();
    } catch (error) {
      // Else the reason lies outside the rows.
      if (verdictOf(error) !== 'reopen') noteFailure(trial, firstSeq, error);
      throw error;
    }
  };
  for await (const record of journal.read(position, onDamage)) {
    const { seq, rows, received, signal } = record;
    const request = readBack(record);
    const isHopeless = trial.seq === seq && trial.tries >= MAX_TRIES;
    if (request instanceof Error || isHopeless || isRejected(record)) {
      await write();
      if (!isRejected(record)) {
        const items = request instanceof Error ? rows : itemCount(request);
        const error = request instanceof Error ? request : trial.error;
        const path = await journal.reject(record);
        const what = signal === 'logs' ? 'log records' : 'spans';
        const sentence = `${items} ${what} were received and cannot be stored: ${error instanceof Error ? error.message : error}. They were put aside in ${path}, the rest is stored.`;
        onRejected(items, signal, sentence);
      }
      await table.skip(seq + rows);
      continue;
    }
    const isFull = group !== undefined && group.rows.rowCount + rows > GROUP_ROWS;
    if (isFull || trial.isCareful || group?.end !== seq) await write();
    group ??= { rows: new RowBuffer(), firstSeq: seq, end: seq, now: received };
    mapRequest(request, received, group.rows);
    group.end = seq + rows;
    group.now = received;
  }
  await write();
  await table.commit();
}

function noteFailure(trial: Trial, seq: number, error: unknown): void {
  trial.failures++;
  if (trial.isCareful) {
    trial.tries = trial.seq === seq ? trial.tries + 1 : 1;
    trial.seq = seq;
    trial.error = error;
  }
  trial.isCareful = true;
}

/** The request of a record, or why it cannot be read: it is not what was written. */
function readBack(record: JournalRecord): ExportRequest | Error {
  try {
    return requestOf(record);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
