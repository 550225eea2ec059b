import { gunzipSync } from 'node:zlib';
import { decodeLogs, decodeTraces } from '@tandem/otlp';
import { counted } from '../../../lib/text/words.ts';
import type { Journal, JournalLoss, JournalRecord } from '../journal/journal.ts';
import { BATCH_ROWS, Batch } from '../rows/batch.ts';
import type { ExportRequest } from '../rows/request.ts';
import { mapRequest, sizeOf } from '../rows/request.ts';
import { needsReopening } from '../store-error.ts';
import type { SpanTable } from '../table/table.ts';
import type { Health } from './health.ts';
import type { RecordWatch } from './record-watch.ts';

/** The knowledge of a replay when DuckDB refuses a record. The next replay begins with this knowledge. */
export interface ReplayProgress {
  /** Whether each record is committed by itself, to find the one that DuckDB refuses. */
  isOneByOne: boolean;
  /** The rejected records, by their `_seq`. */
  readonly putAside: Set<number>;
}

/**
 * Writes the rows that only the journal has. A record that DuckDB refuses by itself is put aside, and so is one that an
 * earlier start read for too long.
 * @param progress has changed after DuckDB refused a record: then the replay has to begin again
 * @throws DuckDB's error, Error of the file system
 */
export async function replay(
  journal: Journal,
  table: SpanTable,
  progress: ReplayProgress,
  health: Health,
  watch: RecordWatch,
) {
  const { position, counts } = table;
  const stuck = await watch.stuck(position);
  const { isOneByOne } = progress;
  let gathered: { readonly first: JournalRecord; readonly batch: Batch } | undefined;
  let end = position;

  async function putAside(record: JournalRecord, items: number, why: unknown): Promise<void> {
    const path = await journal.reject(record);
    const what = record.signal === 'logs' ? 'log record' : 'span';
    const sentence = `${counted(items, what)} arrived that the store cannot take: ${why instanceof Error ? why.message : why}. The explorer put this aside in ${path}, and stored the rest.`;
    if (health.noteLoss(sentence)) counts.drop('failed', record.signal, items);
  }
  async function write(): Promise<void> {
    if (gathered === undefined) return;
    const { first, batch } = gathered;
    const { seq, signal } = first;
    try {
      await table.append(batch, Math.max(0, position - seq));
      if (isOneByOne) await table.commit();
    } catch (error) {
      // The rows are not the reason.
      if (needsReopening(error)) throw error;
      if (isOneByOne) await putAside(first, batch.items[signal], error);
      if (isOneByOne) progress.putAside.add(seq);
      else progress.isOneByOne = true;
      throw error;
    }
    gathered = undefined;
  }
  function onLoss({ path, areFilesGone, rows, isLeast, keptAs }: JournalLoss): void {
    const verb = rows === 1 ? 'is' : 'are';
    const some = `${isLeast ? 'at least ' : ''}${counted(rows, 'row')} ${verb}`;
    const lost = rows > 0 ? some : 'rows at its end may be';
    const kept = keptAs === undefined ? '' : ` The explorer keeps the file as ${keptAs}.`;
    const what = areFilesGone
      ? `The journal's files in ${path} are gone`
      : `The journal's file ${path} has a cut or damage, or somebody removed a file of the store beside it`;
    const sentence = `${what}: ${lost} lost (spans, their events and links, log records); the store has the rest.${kept} Check the disk.`;
    if (health.noteLoss(sentence)) counts.drop('failed', 'traces', rows);
  }

  for await (const record of journal.read(position, onLoss)) {
    const { seq, rows, received } = record;
    let request: ExportRequest | undefined;
    try {
      const isNew = !progress.putAside.has(seq);
      if (isNew && seq === stuck) throw new Error('an earlier start read them without an end');
      if (isNew) request = watch.reading(seq, () => requestOf(record));
    } catch (error) {
      await putAside(record, rows, error);
      progress.putAside.add(seq);
    }
    const isFull = gathered !== undefined && gathered.batch.rowCount + rows > BATCH_ROWS;
    if (request === undefined || isFull || isOneByOne || end !== seq) await write();
    if (request === undefined) await table.skip(seq + rows);
    else {
      gathered ??= { first: record, batch: new Batch(seq) };
      const { batch } = gathered;
      const decoded = request;
      watch.reading(seq, () => mapRequest(decoded, received, batch));
    }
    end = seq + rows;
  }
  await write();
  await table.commit();
  if (journal.bytes > 0) await table.measure();
  progress.putAside.clear();
  progress.isOneByOne = false;
}

/** A replay accepts every acknowledged request, however long the decoding takes. */
const NO_LIMITS = {
  maxItems: Number.MAX_SAFE_INTEGER,
  maxGroups: Number.MAX_SAFE_INTEGER,
  maxItemValues: Number.MAX_SAFE_INTEGER,
  maxSharedValues: Number.MAX_SAFE_INTEGER,
};
/** Most bodies are unpacked in one piece of this size. */
const GUNZIP_BYTES = 256 * 1024;

/** The request of a record. @throws Error when the body does not match the record */
function requestOf({ signal, body, dataset, rows }: JournalRecord): ExportRequest {
  const decode = signal === 'logs' ? decodeLogs : decodeTraces;
  // No protobuf begins with 0x1f: this byte would be a field of wire type 7, which does not exist.
  const message = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body, { chunkSize: GUNZIP_BYTES }) : body;
  const request = { ...decode(message, 'protobuf', NO_LIMITS), ...(dataset !== undefined && { dataset }) };
  const found = sizeOf(request).rows;
  if (found !== rows) throw new Error(`a record of ${rows} rows came from the journal as one of ${found}`);
  return request;
}
