import type { Imported } from '../../core/files/import-traces.ts';
import { documentPlaces } from '../../core/files/reading/document-places.ts';
import { tracePlace } from '../../core/places/place.ts';
import { errorMessage, send } from '../api/api.ts';
import { go } from '../browser/router.ts';
import { counted, formatCount } from '../values/format.ts';

/** Most bytes of an unpacked file, which the browser keeps meanwhile. */
const MAX_UNPACKED_BYTES = 1024 ** 3;

/** Stores files one after the other. Returns the outcome in words, and what goes to the imported traces. */
export async function importFiles(files: readonly File[]) {
  const texts: string[] = [];
  const all: Imported[] = [];
  let failed = false;
  for (const file of files) {
    try {
      const imported = await importFile(file);
      all.push(imported);
      texts.push(summaryOf(file.name, imported));
      failed ||= imported.rejected > 0 || isNothing(imported);
    } catch (error) {
      texts.push(`${file.name}: ${errorMessage(error)}`);
      failed = true;
    }
  }
  return { text: texts.join(' '), failed, show: () => show(all) };
}

/** Goes to the imported traces. A trace that is already open stays as it is. */
function show(all: readonly Imported[]): void {
  const traceIds = new Set(all.flatMap(({ trace_ids }) => trace_ids));
  const [first] = traceIds;
  const onlyLogs = all.some(({ logs }) => logs > 0) && all.every(({ spans }) => spans === 0);
  if (traceIds.size > 1) go({ view: 'traces', params: {} });
  else if (first !== undefined && !location.pathname.endsWith(first)) go(tracePlace(first));
  else if (onlyLogs) go({ view: 'logs', params: {} });
}

/**
 * Stores a file's documents one after the other. The browser does not parse them, because a file may be larger than the
 * memory. A file of another system's form is read as a whole.
 */
async function importFile(given: File): Promise<Imported> {
  const file = await unpackedOf(given);
  const begin = (await file.slice(0, 1024).text()).trimStart();
  for (const documents of [documentsOf, foreignDocumentsOf]) {
    const imported = await importDocuments(documents(file, begin));
    if (!isNothing(imported) || imported.rejected > 0) return imported;
  }
  const { NOTHING_IN_IT } = await import('../../core/files/foreign/not-read.ts');
  throw new TypeError(NOTHING_IN_IT);
}

/** A file of `run --save` without its compression by gzip; any other file as it is. */
async function unpackedOf(file: File): Promise<File> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return file;
  let bytes = 0;
  const bounded = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_UNPACKED_BYTES) controller.error();
      else controller.enqueue(chunk);
    },
  });
  const unpacked = file.stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(bounded);
  const blob = await new Response(unpacked).blob().catch(() => {
    throw new TypeError(
      bytes > MAX_UNPACKED_BYTES
        ? `unpacked, it has more than ${MAX_UNPACKED_BYTES / 2 ** 20} MiB. Use the command import.`
        : 'it is compressed with gzip, and damaged.',
    );
  });
  return new File([blob], file.name.replace(/\.gz$/iu, ''));
}

/** @throws Error with what is stored of the part before a refused document */
async function importDocuments(documents: AsyncIterable<Blob>): Promise<Imported> {
  const sum = { spans: 0, logs: 0, known: 0, rejected: 0 };
  const reasons = new Set<string>();
  const traceIds = new Set<string>();
  for await (const document of documents) {
    const imported = await send<Imported>('POST', '/api/import', document).catch((error: unknown) => {
      if (isNothing(sum)) throw error;
      const before = [
        counted(sum.spans + sum.known, 'span'),
        ...(sum.logs > 0 ? [counted(sum.logs, 'log line')] : []),
      ];
      throw new Error(
        `${errorMessage(error).replace(/\.?$/u, '.')} The store has the part before it: ${before.join(' and ')}.`,
      );
    });
    sum.spans += imported.spans;
    sum.logs += imported.logs;
    sum.known += imported.known;
    sum.rejected += imported.rejected;
    if (imported.rejected_reason !== '') reasons.add(imported.rejected_reason);
    for (const id of imported.trace_ids) traceIds.add(id);
  }
  return { ...sum, rejected_reason: [...reasons].join('; '), trace_ids: [...traceIds] };
}

/** The documents of a file that has them as they are. A saved page is read as a whole. */
async function* documentsOf(file: File, begin: string): AsyncGenerator<Blob> {
  if (isPage(file)) {
    const { documentsOfPage } = await import('../../core/saved-trace/saved-trace.ts');
    for (const document of (await documentsOfPage(await file.text())) ?? []) yield new Blob([document]);
  } else if (!/^[^{]/u.test(begin))
    for await (const { from, to } of documentPlaces(file.stream())) yield file.slice(from, to);
}

/** @throws RangeError for a large list */
async function* foreignDocumentsOf(file: File, begin: string): AsyncGenerator<Blob> {
  const { MAX_FOREIGN_BYTES, TOO_LARGE } = await import('../../core/files/foreign/not-read.ts');
  const isLarge = file.size > MAX_FOREIGN_BYTES;
  if (isLarge && begin.startsWith('[')) throw new RangeError(TOO_LARGE);
  if (isLarge || isPage(file)) return;
  const { parseDocuments } = await import('../../core/files/foreign/foreign-documents.ts');
  for (const document of parseDocuments(await file.text())) yield new Blob([document]);
}

function isPage({ name }: File): boolean {
  return /\.html?$/i.test(name);
}

function isNothing({ spans, logs, known }: Pick<Imported, 'spans' | 'logs' | 'known'>): boolean {
  return spans + logs + known === 0;
}

function summaryOf(name: string, { spans, logs, known, rejected, rejected_reason }: Imported): string {
  const lines = logs === 0 ? '' : ` and ${counted(logs, 'log line')}`;
  const there = known === 0 ? '' : ` ${formatCount(known)} were there already.`;
  const refused = rejected === 0 ? '' : ` ${formatCount(rejected)} were refused: ${rejected_reason}`;
  return `${counted(spans, 'span')}${lines} imported from ${name}.${there}${refused}`;
}
