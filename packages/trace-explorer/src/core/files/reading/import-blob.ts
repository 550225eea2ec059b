import type { Imported } from '../import-traces.ts';
import { beginOfJson, isPacked, isPage } from './file-form.ts';
import { joinDocuments } from './join-documents.ts';

/** Bytes of an unpacked file: a run of some million spans. A file of 10 MB can unpack to 10 GB. */
export const MAX_UNPACKED_BYTES = 1024 ** 3;
/** Bytes of a saved page, which is read whole. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;
/** Trace ids that are kept of a file. */
const MAX_TRACE_IDS = 1000;

/** What was stored of a file, or was stored already. */
export interface Stored {
  readonly spans: number;
  readonly logs: number;
  readonly known: number;
  /** How many were rejected, by the reason. */
  readonly rejected: ReadonlyMap<string, number>;
  /** The first ones. */
  readonly traceIds: ReadonlySet<string>;
}

/** What a reader of files does with them, in a browser or in a command. */
export interface Importing {
  /** The file's name, which says that it is a page. */
  readonly name: string;
  /** Stores the body of a request. */
  store(body: Blob): Promise<Imported>;
  /** Works with the content of a file that gzip has compressed. @throws Error for a damaged file, and for more than MAX_UNPACKED_BYTES */
  unpack(packed: Blob, work: (plain: Blob) => Promise<Stored>): Promise<Stored>;
  /** @param share of the file that was read, where that is known */
  onProgress?(stored: Stored, share: number | undefined): void;
}

/** Thrown where only the part of a file before `cause` is stored. */
export class PartError extends Error {
  override readonly name = 'PartError';
  readonly stored: Stored;

  constructor(stored: Stored, cause: unknown) {
    super('a part is stored', { cause });
    this.stored = stored;
  }
}

/**
 * Stores the content of a file: OTLP JSON, one document or many, an answer or a file of another system, or a saved page; also
 * compressed with gzip. Only a file of another form is read as a whole.
 * @throws TypeError for a file without anything of these, with advice; PartError
 */
export async function importBlob(file: Blob, importing: Importing): Promise<Stored> {
  if (!(await isPacked(file))) return importPlain(file, importing);
  const name = importing.name.replace(/\.gz$/iu, '');
  return importing.unpack(file, (plain) => importPlain(plain, { ...importing, name }));
}

/** Whether nothing of a file is stored. */
export function isNothing({ spans, logs, known }: Stored): boolean {
  return spans + logs + known === 0;
}

async function importPlain(file: Blob, importing: Importing): Promise<Stored> {
  const first = await importBodies(fileBodies(file, importing.name), importing).catch(
    async (error: unknown) => {
      // What the explorer does not read may be a form that has advice.
      const other = await importBodies(answerBodies(file), importing);
      if (isNothing(other)) throw error;
      return other;
    },
  );
  // A file may be the answer of another system.
  const second = isNothing(first) ? await importBodies(answerBodies(file), importing) : first;
  const stored = isNothing(second) ? first : second;
  if (!isNothing(stored) || stored.rejected.size > 0) return stored;
  const { NOTHING_IN_IT } = await import('../foreign/not-read.ts');
  throw new TypeError(NOTHING_IN_IT);
}

/** A request's body, its single documents where it has several, and the share of the file that is done after it. */
interface Body {
  readonly body: Blob;
  readonly each?: () => readonly Blob[];
  readonly done?: number;
}

/** @throws PartError where a body after others fails */
async function importBodies(bodies: AsyncIterable<Body>, { store, onProgress }: Importing): Promise<Stored> {
  let sum: Stored = { spans: 0, logs: 0, known: 0, rejected: new Map(), traceIds: new Set() };
  try {
    for await (const { body, each, done } of bodies) {
      try {
        sum = withImported(sum, await store(body));
      } catch (error) {
        // A damaged document refuses all that are joined with it: alone, the ones before it are stored.
        const alone = each?.() ?? [];
        if (alone.length === 0) throw error;
        for (const own of alone) sum = withImported(sum, await store(own));
      }
      onProgress?.(sum, done);
    }
  } catch (error) {
    throw isNothing(sum) ? error : new PartError(sum, error);
  }
  return sum;
}

function withImported(
  sum: Stored,
  { spans, logs, known, rejected, rejected_reason, trace_ids }: Imported,
): Stored {
  const reasons = new Map(sum.rejected);
  if (rejected > 0) reasons.set(rejected_reason, (reasons.get(rejected_reason) ?? 0) + rejected);
  const isFull = sum.traceIds.size >= MAX_TRACE_IDS;
  return {
    spans: sum.spans + spans,
    logs: sum.logs + logs,
    known: sum.known + known,
    rejected: reasons,
    traceIds: isFull ? sum.traceIds : new Set([...sum.traceIds, ...trace_ids]),
  };
}

/** The bodies of a file of OTLP JSON, or of a saved page. */
async function* fileBodies(file: Blob, name: string): AsyncGenerator<Body> {
  if (isPage(name)) {
    if (file.size > MAX_PAGE_BYTES)
      throw new RangeError(`it has ${file.size} bytes; at most ${MAX_PAGE_BYTES} are read.`);
    const { documentsOfPage } = await import('../../saved-trace/saved-trace.ts');
    for (const document of (await documentsOfPage(await file.text())) ?? [])
      yield { body: new Blob([document]) };
    return;
  }
  const { start, isOther } = await beginOfJson(file);
  if (isOther) return;
  for await (const { to, ...joined } of joinDocuments(file, start))
    yield { ...joined, done: to / Math.max(1, file.size) };
}

/**
 * The bodies of a file in another system's form. None for a file of other content.
 * @throws RangeError for a large list
 */
async function* answerBodies(file: Blob): AsyncGenerator<Body> {
  const { MAX_FOREIGN_BYTES, TOO_LARGE } = await import('../foreign/not-read.ts');
  if (file.size > MAX_FOREIGN_BYTES) {
    if ((await beginOfJson(file)).isList) throw new RangeError(TOO_LARGE);
    return;
  }
  const { parseDocuments } = await import('../foreign/foreign-documents.ts');
  for (const document of parseDocuments(await file.text())) yield { body: new Blob([document]) };
}
